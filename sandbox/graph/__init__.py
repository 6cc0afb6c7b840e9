"""The Admin API as a GraphQL service: versions, validation, access, cost and resolvers over the store."""
