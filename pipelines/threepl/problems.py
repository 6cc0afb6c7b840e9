"""What can be wrong with a feed, by the codes of the break taxonomy; each holds back the breaks built on the feed."""

from typing import Literal

from pipelines.failures import SourceError

FeedCode = Literal["FED-01", "FED-02", "FED-03", "FED-04", "FED-05", "FED-06", "FED-07", "FED-08", "FED-09", "FED-10"]


class FeedRefused(SourceError):
    """Something of a feed cannot be taken. `code` is the taxonomy's; the sentence says what is wrong and where."""

    def __init__(self, code: FeedCode, sentence: str) -> None:
        """Keep the code beside the sentence."""
        super().__init__(sentence)
        self.code: FeedCode = code
