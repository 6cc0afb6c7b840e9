"""Steps that move money: paying, authorizing, capturing, voiding."""

from sandbox.world.orders.plan import Doc
from sandbox.world.orders.state import OrderState


def pay(state: OrderState, moment: int, _: None) -> None:
    """Take what is owed at once."""
    if state.outstanding > 0:
        state.transaction(moment, "SALE", state.outstanding)


def fail(state: OrderState, moment: int, _: None) -> None:
    """A card that is refused before another one is taken."""
    state.transaction(moment, "SALE", state.outstanding, status="FAILURE", error="CARD_DECLINED")


def authorize(state: OrderState, moment: int, _: None) -> None:
    """Reserve the money on the card."""
    state.authorized = state.outstanding
    state.transaction(moment, "AUTHORIZATION", state.authorized)


def capture(state: OrderState, moment: int, _: None) -> None:
    """Take reserved money, as much as is owed by then."""
    if state.outstanding > 0:
        parent = next(t["id"] for t in state.transactions if t["kind"] == "AUTHORIZATION")
        state.transaction(moment, "CAPTURE", state.outstanding, parent=parent)
    state.authorized = 0


def void(state: OrderState, moment: int) -> None:
    """Give up a reservation."""
    if state.authorized:
        parent = next(t["id"] for t in state.transactions if t["kind"] == "AUTHORIZATION")
        state.transaction(moment, "VOID", state.authorized, parent=parent)
        state.authorized = 0
        state.voided = True


def expect(state: OrderState, moment: int, _: None) -> None:
    """Wait for a bank transfer."""
    state.pending = state.outstanding
    state.transaction(moment, "SALE", state.outstanding, status="PENDING")


def give_back(state: OrderState, moment: int, cents: int) -> tuple[int, list[Doc]]:
    """Refund up to what was received; returns the amount and its transaction, if there was anything to move."""
    cents = min(cents, state.received - state.refunded)
    if cents <= 0:
        return 0, []
    paid = next(t for t in state.transactions if t["kind"] in ("SALE", "CAPTURE") and t["status"] == "SUCCESS")
    return cents, [state.transaction(moment, "REFUND", cents, parent=paid["id"], gateway=paid["gateway"])]
