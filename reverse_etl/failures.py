"""Failures of write-back that a person can act on; all end in one sentence (see pipelines/failures.py)."""

from pipelines.failures import ConfigurationError, DeliveryError


class SyncFileError(ConfigurationError):
    """A sync file is not valid; the sentence names file, line and field."""


class SourceOfTruthError(ConfigurationError):
    """A sync would write a field whose truth lies in another system."""


class UnknownPlan(DeliveryError):
    """No plan has this id."""


class UnknownRun(DeliveryError):
    """No run has this id, or nothing of it can be undone any more."""


class StalePlan(DeliveryError):
    """Shopify's acknowledged state, the sync file or the shops have moved since the plan was made."""


class PlanChanged(DeliveryError):
    """The stored rows of a plan are not those that it was made with."""


class NotApproved(DeliveryError):
    """The sync wants its plans to be approved by a person first, and nobody has approved this one."""

    exit_code = 3


class CanaryFailed(DeliveryError):
    """What went first was refused, or is not in Shopify as it was sent; the rest was not written."""

    exit_code = 3


class CanaryWaiting(DeliveryError):
    """What went first is in place, and the rest waits for its time or for a person."""

    exit_code = 3


class AlreadyApplying(DeliveryError):
    """Another run holds the lock of this sync and shop."""


class SegmentRefused(DeliveryError):
    """Shopify would not create or change a segment."""


class DestinationRefused(DeliveryError):
    """A destination would give the same refusal to whatever is sent, or answers what it was not asked."""


class DestinationUnavailable(DeliveryError):
    """A destination does not answer, or asks to wait too long."""


class DestinationNotReadable(DeliveryError):
    """A destination does not say what it carries, so that nothing can be compared."""


class DefinitionConflict(DeliveryError):
    """A metafield definition exists with the same key and another type, or Shopify refused to create it."""
