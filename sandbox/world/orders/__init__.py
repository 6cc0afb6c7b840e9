"""One order from checkout to its last refund: what is in it, what happens to it, and the document at any instant."""
