"""The leaky bucket, on a clock that the test holds."""

from __future__ import annotations

from sandbox.bucket import Bucket


def test_points_come_back_with_time_and_never_beyond_the_brim() -> None:
    moment = [0.0]
    bucket = Bucket(2000, 100, lambda: moment[0])
    assert bucket.take(1900)
    assert not bucket.take(200)
    moment[0] = 1.0
    assert bucket.take(200)
    moment[0] = 1000.0
    assert bucket.status()["currentlyAvailable"] == 2000


def test_what_was_not_used_is_given_back() -> None:
    bucket = Bucket(2000, 100, lambda: 0.0)
    bucket.take(500)
    bucket.give_back(400)
    assert bucket.status()["currentlyAvailable"] == 1900
