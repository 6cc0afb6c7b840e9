"""What the sandbox takes over from the published Admin API schema: root fields and object types.

Enums, scalars, input objects, connections and edges follow by themselves: an input or an enum is taken when a
kept field needs it, a connection when its node is here. A field of any other type is left out of the slice.
"""

QUERIES = frozenset(
    """
    abandonedCheckouts abandonedCheckoutsCount
    bulkOperation bulkOperations currentBulkOperation
    catalog catalogs
        codeDiscountNode codeDiscountNodes automaticDiscountNode automaticDiscountNodes discountNode discountNodes
    discountNodesCount
    collection collections collectionsCount
    companies companiesCount company companyContact companyLocation companyLocations
    currentAppInstallation
    customer customers customersCount
    dispute disputes
    draftOrder draftOrders
    event events eventsCount
    fulfillment fulfillmentOrder fulfillmentOrders
    giftCard giftCards giftCardsCount
    inventoryItem inventoryItems inventoryLevel inventoryProperties
    location locations locationsCount
    metafieldDefinition metafieldDefinitions metafieldDefinitionTypes
    node nodes
    order orders ordersCount
    priceList priceLists
    product products productsCount productVariant productVariants productVariantsCount
    publicApiVersions
    refund return
    segment segments segmentsCount
    shop
    shopifyPaymentsAccount
    tenderTransactions
    webhookSubscription webhookSubscriptions webhookSubscriptionsCount
    """.split()  # noqa: SIM905 - read as lines of words, checked in reviews as such
)

MUTATIONS = frozenset(
    """
    bulkOperationCancel bulkOperationRunMutation bulkOperationRunQuery
    customerUpdate
    metafieldDefinitionCreate metafieldDefinitionDelete metafieldDefinitionUpdate
    metafieldsDelete metafieldsSet
    orderClose orderOpen
    segmentCreate segmentDelete segmentUpdate
    stagedUploadsCreate
    tagsAdd tagsRemove
    webhookSubscriptionCreate webhookSubscriptionDelete webhookSubscriptionUpdate
    """.split()  # noqa: SIM905 - read as lines of words, checked in reviews as such
)

# Interfaces, unions and object types, by the part of the shop that they describe.
TYPES = frozenset(
    """
        Node LegacyInteroperability HasMetafields HasMetafieldDefinitions HasEvents HasCompareDigest Navigable
    DisplayableError
    CommentEventSubject PageInfo Count UserError Attribute Image MoneyV2 MoneyBag Weight SEO Domain

    Shop ShopPlan ShopAddress CurrencyFormats ApiVersion AccessScope App AppInstallation

        Customer CustomerEmailAddress CustomerPhoneNumber CustomerEmailMarketingConsentState
    CustomerSmsMarketingConsentState
    CustomerStatistics CustomerMergeable MailingAddress TaxSettings

        Order OrderApp OrderCancellation ChannelInformation ChannelDefinition Publication CashRoundingAdjustment
    PurchasingEntity PurchasingCompany
        LineItem LineItemGroup ShippingLine TaxLine AdditionalFee Duty RefundDuty OrderTransaction
    CurrencyExchangeAdjustment
        DiscountApplication AutomaticDiscountApplication DiscountCodeApplication ManualDiscountApplication
    ScriptDiscountApplication
    DiscountAllocation PricingValue PricingPercentageValue TransactionFee
    Refund RefundLineItem RefundShippingLine OrderAdjustment
    Return ReturnLineItem ReturnLineItemType UnverifiedReturnLineItem ExchangeLineItem ReturnShippingFee
    Fulfillment FulfillmentLineItem FulfillmentTrackingInfo FulfillmentOriginAddress FulfillmentEvent
        FulfillmentOrder FulfillmentOrderLineItem FulfillmentOrderAssignedLocation FulfillmentOrderDestination
    FulfillmentHold
    SalesAgreement OrderAgreement OrderEditAgreement RefundAgreement ReturnAgreement
        Sale ProductSale ShippingLineSale TipSale GiftCardSale DutySale FeeSale AdditionalFeeSale AdjustmentSale
    UnknownSale SaleTax SaleAdditionalFee
    Fee RestockingFee DeliveryMethod PaymentTerms
    TenderTransaction TenderTransactionDetails TenderTransactionCreditCardDetails

        Product ProductVariant ProductVariantComponent ProductOption ProductOptionValue SelectedOption
    TaxonomyCategory ProductPriceRangeV2
    InventoryItem InventoryItemMeasurement InventoryLevel InventoryQuantity InventoryProperties InventoryQuantityName
    Location LocationAddress FulfillmentService EditableProperty
    Collection CollectionRuleSet CollectionRule

    DiscountNode DiscountCodeNode DiscountAutomaticNode Discount DiscountCode DiscountAutomatic
    DiscountCodeBasic DiscountCodeBxgy DiscountCodeFreeShipping DiscountCodeApp
    DiscountAutomaticBasic DiscountAutomaticBxgy DiscountAutomaticFreeShipping DiscountAutomaticApp
        DiscountRedeemCode DiscountCombinesWith DiscountCustomerGets DiscountCustomerGetsValue DiscountCustomerBuys
    DiscountCustomerBuysValue
    DiscountAmount DiscountPercentage DiscountOnQuantity DiscountEffect DiscountQuantity DiscountPurchaseAmount
    DiscountItems AllDiscountItems DiscountProducts DiscountCollections
    DiscountMinimumRequirement DiscountMinimumQuantity DiscountMinimumSubtotal
    DiscountCustomerSelection DiscountCustomerAll DiscountCustomers DiscountCustomerSegments
    DiscountShippingDestinationSelection DiscountCountryAll DiscountCountries

    GiftCard GiftCardTransaction GiftCardCreditTransaction GiftCardDebitTransaction GiftCardRecipient
    DraftOrder DraftOrderLineItem DraftOrderAppliedDiscount
    AbandonedCheckout AbandonedCheckoutLineItem
        Company CompanyAddress CompanyContact CompanyContactRole CompanyContactRoleAssignment CompanyLocation
    BuyerExperienceConfiguration
    CompanyLocationTaxSettings
        Catalog CompanyLocationCatalog MarketCatalog AppCatalog PriceList PriceListParent PriceListAdjustment
    PriceListAdjustmentSettings PriceListPrice QuantityPriceBreak
        ShopifyPaymentsAccount ShopifyPaymentsPayout ShopifyPaymentsPayoutSummary ShopifyPaymentsPayoutSchedule
    ShopifyPaymentsBalanceTransaction ShopifyPaymentsBalanceTransactionAssociatedPayout ShopifyPaymentsAssociatedOrder
    ShopifyPaymentsAdjustmentOrder ShopifyPaymentsDispute ShopifyPaymentsDisputeReasonDetails OrderDisputeSummary
    Segment
    Event BasicEvent CommentEvent

        Metafield MetafieldDefinition MetafieldDefinitionType MetafieldDefinitionSupportedValidation
    MetafieldDefinitionValidation MetafieldAccess
        MetafieldIdentifier MetafieldReference MetafieldCapabilities MetafieldCapabilityAdminFilterable
    MetafieldCapabilityAnalyticsQueryable
    MetafieldCapabilityCartToOrderCopyable MetafieldCapabilitySmartCollectionCondition MetafieldCapabilityUniqueValues
    MetafieldDefinitionConstraints MetafieldDefinitionConstraintValue

    BulkOperation StagedMediaUploadTarget StagedUploadParameter
        WebhookSubscription WebhookSubscriptionEndpoint WebhookHttpEndpoint WebhookEventBridgeEndpoint
    WebhookPubSubEndpoint
    WebhookSubscriptionMetafieldIdentifier
    """.split()  # noqa: SIM905 - read as lines of words, checked in reviews as such
)
