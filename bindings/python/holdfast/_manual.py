"""The docstrings of operations, arguments and records. Written by generate_manual.py."""
from __future__ import annotations

from inspect import cleandoc
from typing import Any, Callable, Dict, TypeVar

Documented = TypeVar("Documented", bound=Callable[..., Any])

TEXTS: Dict[str, str] = {
    "item_put": """Opens an item or changes its limits (also unfreezes it). Key kind must be ITEM, else
EnumError.

Arguments:
    key: Key
    mode: PutMode
    mask: PutFlags
    opening: int. Balance to open with, from the world; >= 0; only when it is opened.
    min_balance: int. <= max_balance.
    min_available: int
    max_balance: int
    frozen: bool
    overtake: bool
    unit_scale: int. 0..18 declares the unit at its first use; -1: it must be declared (see
        also units.put)
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Account: as accounts.put.

Raises:
    As accounts.put.""",
    "item_receive": """Receives goods: a deposit into an item. Waiting orders that can now hold everything they
need are promoted.

Arguments:
    amount: int. > 0.
    from_: Key. The world for deposit and receive.
    to: Key. The world for withdraw.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Account: as accounts.deposit.

Raises:
    As accounts.deposit.""",
    "item_adjust": """Records a stock-take: a fact, never refused for a limit. Key kind must be ITEM, else
EnumError.

Arguments:
    key: Key
    mode: AdjustMode
    quantity: int
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Account: as accounts.adjust.

Raises:
    As accounts.adjust.""",
    "item_get": """Reads one item.

Arguments:
    key: Key
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Account.

Raises:
    NotFoundError.
    Before anything is done: as accounts.put.""",
    "item_list": """Reads a page of items in key order (sku, place, unit).

In key order, starting after `after`.

Arguments:
    after: Key. The world: from the first of `kind`.
    kind: Kind. 0 = all kinds; items: ignored.
    limit: int. 1..256.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    AccountPage. As an asynchronous iterator: one row after the other, over all pages.

Raises:
    Before anything is done: as accounts.put.""",
    "account_put": """Opens an account or changes its limits. A limit may be set tighter than the present balance:
the account then accepts no new hold until its balance is within the limits again.

Arguments:
    key: Key
    mode: PutMode
    mask: PutFlags
    opening: int. Balance to open with, from the world; >= 0; only when it is opened.
    min_balance: int. <= max_balance.
    min_available: int
    max_balance: int
    frozen: bool
    overtake: bool
    unit_scale: int. 0..18 declares the unit at its first use; -1: it must be declared (see
        also units.put)
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Account.

Raises:
    ExistsError or NotFoundError by mode, UnitUnknownError, UnitScaleError, MaxBalanceError
        (opening above max), ArgumentError (min above max, a mask bit unknown),
        VersionMovedError, IdReusedError.
    Before anything is done: any Misuse or OverloadedError.""",
    "account_deposit": """Moves `amount` from the world into `to` (`from` must be the world).

Arguments:
    amount: int. > 0.
    from_: Key. The world for deposit and receive.
    to: Key. The world for withdraw.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Account of `to`.

Raises:
    NotFoundError, MaxBalanceError, IdReusedError, VersionMovedError.
    Before anything is done: as accounts.put.""",
    "account_withdraw": """Moves `amount` from `from` to the world (`to` must be the world).

Arguments:
    amount: int. > 0.
    from_: Key. The world for deposit and receive.
    to: Key. The world for withdraw.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Account of `from`.

Raises:
    NotFoundError, FundsShortError (StockShortError, LimitShortError by kind), FrozenError,
        QueuedAheadError, IdReusedError, VersionMovedError.
    Before anything is done: as accounts.put.""",
    "account_transfer": """Moves `amount` between two accounts of one unit.

Arguments:
    amount: int. > 0.
    from_: Key. The world for deposit and receive.
    to: Key. The world for withdraw.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Account of `from`.

Raises:
    Also as accounts.withdraw and accounts.deposit, and CurrencyError when the units differ,
        ArgumentError when both are the same account.
    Before anything is done: as accounts.put.""",
    "account_get": """Reads one account.

Arguments:
    key: Key
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Account.

Raises:
    NotFoundError.
    Before anything is done: as accounts.put.""",
    "account_list": """Reads a page of accounts in key order (kind, name, place, unit).

In key order, starting after `after`.

Arguments:
    after: Key. The world: from the first of `kind`.
    kind: Kind. 0 = all kinds; items: ignored.
    limit: int. 1..256.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    AccountPage. As an asynchronous iterator: one row after the other, over all pages.

Raises:
    Before anything is done: as accounts.put.""",
    "hold_place": """Promises `amount` of `from` to `to`: from.held_out and to.held_in grow by `amount`. When
`from` would be short, its holds and orders whose deadline has passed expire first: they
have events of type EventType.EXPIRE before the event of this hold, and these events stay
when the hold is refused. Every operation that needs units of an account expires holds and
orders in the same way; one of a chain before the first operation of the chain, which may
then find its own record expired, or an account whose version is no longer the one that
expect names. The chain can be submitted again. A repeated call with the same id and the
same content changes nothing: its result is the hold as it is now, and its event_seq is 0.

Arguments:
    amount: int. > 0.
    from_: Key. Or the world.
    to: Key. Or the world; not both the world.
    deadline: Optional[datetime]. None = none, else in the future.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Hold.

Raises:
    StockShortError, FundsShortError or LimitShortError by kind, MaxBalanceError,
        FrozenError, AttentionError, QueuedAheadError, NotFoundError (an account),
        CurrencyError (units differ), DeadlineError, IdReusedError, IdTooOldError.
    Before anything is done: as accounts.put.""",
    "hold_post": """Moves `post` of the remaining amount from `from` to `to` and releases `release` of it. With
(x, 0) the hold can be posted again; with (x, ALL) this is the last posting; a trade that
was filled below its limit posts the fill and releases the difference.

Arguments:
    hold: UUID
    post: int. To move from `from` to `to`; >= 0; ALL: the remaining amount.
    release: int. To release; >= 0; ALL: the remaining amount after `post`.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Hold.

Raises:
    NotFoundError, HoldStateError (the detail names the state), ExpiredError (at or after
        the deadline), OverPostError (post + release above the remaining amount),
        QuantityError (both are 0), FrozenError, IdReusedError, VersionMovedError.
    Before anything is done: as accounts.put.""",
    "hold_release": """Ends the promise for `amount` of the remaining amount; it is available to `from` again.

Arguments:
    hold: UUID
    amount: int. > 0; ALL: the remaining amount (release), posted - reversed (reverse)
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Hold.

Raises:
    NotFoundError, HoldStateError, OverPostError (`amount` is above the remaining amount),
        IdReusedError, VersionMovedError.
    Before anything is done: as accounts.put.""",
    "hold_adjust": """Makes an open hold larger, or sets its deadline to an earlier or a later time.

Arguments:
    hold: UUID
    grow: int. By how much `amount` grows; >= 0; the limits are checked.
    deadline: Optional[datetime]. Used when set_deadline is 1; None = none.
    set_deadline: bool
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Hold.

Raises:
    NotFoundError, HoldStateError, ExpiredError, DeadlineError, the limits as holds.place,
        errors.OverflowError, IdReusedError, VersionMovedError.
    Before anything is done: as accounts.put.""",
    "hold_reverse": """Moves `amount` of what a DONE hold posted back from `to` to `from`.

Arguments:
    hold: UUID
    amount: int. > 0; ALL: the remaining amount (release), posted - reversed (reverse)
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Hold.

Raises:
    NotFoundError, HoldStateError, OverReverseError (`amount` is above posted - reversed),
        the limits of `to`, MaxBalanceError of `from`, IdReusedError, VersionMovedError.
    Before anything is done: as accounts.put.""",
    "hold_get": """Reads one hold.

Arguments:
    hold: UUID
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Hold.

Raises:
    NotFoundError.
    Before anything is done: as accounts.put.""",
    "order_place": """Places an order: holds every leg and authorizes every payment in one commit, or changes
nothing. The order is CONFIRMED at once when payments from accounts make up its total, or
with PAY_LATER or IMPORT; CLOSED or CANCELLED when this ends it; else PENDING until
providers have answered. With QUEUE it is WAITING when legs are short. A WAITING order has
its number and its place in the queue, holds no stock and asks for no payment; what is
reported of its payments counts. When supply comes it is promoted, first come first served:
everything is held and the payments without money are authorized (EventType.PROMOTE). One
whose account is short or whose deadline has passed is FAILED. The order then continues as
any PENDING one; when an account refuses the promotion itself, the order is CANCELLED. When
one operation supplies several accounts, their queues are served in the order in which it
supplies them: lines by no, legs by no, moves as given; earlier operations of a batch come
first. So of two orders that both need a third account, the one in the first queue gets it,
whichever is older. After opening, after a commit that failed, and when more than 1,024
accounts were supplied at once, queues are served in the order of their accounts. An account
with `overtake` lets orders that fit pass those that do not. Its supply is offered to all
orders that wait on it, the earliest first, before a new order, hold or transfer can take
it, also within a batch; only the operations of one chain come before them. The detail names
line or payment and account.

Arguments:
    currency: str. A declared unit.
    customer: str. 0..63 bytes, a pseudonym.
    series: str. Of the order number; "" is a series too.
    external_ref: str. 0..63 bytes.
    total: int. Lines + adjustments; see holdfast.order_total.
    deadline: Optional[datetime]. Of PENDING and WAITING; None = none, else in the future.
    policy: OrderFlags
    lines: Sequence[LineArgs]. 0..4,096 of them; 0 needs an adjustment or payment.
    adjustments: Sequence[AdjustmentArgs]. 0..4,096 of them.
    payments: Sequence[PaymentArgs]. 0..64 of them.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    OrderView.

Raises:
    In this order of checks, after those of every operation: UnitUnknownError;
        LineUnknownError (of an adjustment); errors.OverflowError, AmountError (a line's
        total below zero); TotalError; of each payment DeadlineError, CurrencyError,
        IdReusedError, IdTooOldError; OverPaidError (the payments exceed the total);
        DeadlineError; of each line SettleError and of its accounts NotFoundError,
        FrozenError, QueuedAheadError, AttentionError, StockShortError (FundsShortError,
        LimitShortError by kind), MaxBalanceError; of each payment's account the same.
    Before anything is done: TooManyError, QuantityError, AmountError, TextMissingError,
        TextLongError, TextUtf8Error, TextControlError, IdError, EnumError, AbiError,
        OverloadedError, with a provider DrainingError after nodes.drain, and any Misuse.""",
    "order_amend": """Changes a PENDING or CONFIRMED order, or exchanges units of a CONFIRMED or CLOSED one
(CLOSED: with `returns` and new lines only; it is CONFIRMED again and closes when nothing is
open). What grows is held, what shrinks is released, all or nothing. New payments are
authorized; a CONFIRMED order must then be covered when it owes more than before (not with
PAY_LATER). When it owes less, the difference is refunded as far as net exceeds what is
owed, out of the last payment first; a host cannot keep it. The order's own adjustments are
split anew over all lines, those that are added included, so the worth of other units
changes, also of units that were returned before; an adjustment of a line stays with its
line. A WAITING order can only become smaller: no line grows, no line and no payment is
added, and it owes at most what it owed. It keeps its place in the queue; payments that were
not asked for yet shrink, the last one first, and one of which nothing is left is FAILED.
When it fits now it is promoted by the same operation.

With `returns` it is an exchange: fulfilled units come back and lines are added in one step,
and only the difference is paid or refunded.

Arguments:
    order: UUID
    mask: AmendFlags
    total: int. Of the amended order.
    deadline: Optional[datetime]. With AmendFlags.DEADLINE; not of a confirmed order.
    external_ref: str. With AmendFlags.EXTERNAL_REF.
    changes: Sequence[LineChangeArgs]. 0..4,096 of them.
    lines: Sequence[LineArgs]. Added; 0..4,096 in all.
    adjustments: Sequence[AdjustmentArgs]. Added; 0..4,096 in all.
    payments: Sequence[PaymentArgs]. Added; 0..64 in all.
    returns: Sequence[LineQuantityArgs]. Units taken back: an exchange; 0..4,096 of them.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    OrderView.

Raises:
    In this order of checks, after those of every operation: NotFoundError; ExpiredError;
        OrderStateError (also lines or payments for a WAITING order); TooManyError;
        OrderStateError (the deadline of an order that was confirmed), DeadlineError; of
        each change LineUnknownError, OrderStateError (more units of a WAITING order),
        OverCancelError (below what is fulfilled and cancelled), OrderStateError (the price
        of a line of which units are fulfilled); of what is added as orders.place up to
        IdTooOldError; of `returns` as of the quantities of orders.return_; OverPaidError
        (new payments exceed what is owed and not covered); OrderStateError (a WAITING order
        that would owe more); UnpaidError; of lines and payments the accounts as
        orders.place; PaymentStateError (a refund waits for the answer to a capture),
        MaxBalanceError.
    Before anything is done: as orders.place.""",
    "order_cancel": """Cancels unfulfilled units: their holds are released, authorized money that is not owed any
more is voided, and captured money is refunded by refund_mode. A PENDING order is cancelled
whole, and a WAITING one without lines; its share is all of net. Units of a WAITING order
may be cancelled as by orders.amend, and it is not revived after that.

Which units of which lines. No lines: everything that is possible.

Arguments:
    order: UUID
    lines: Sequence[LineQuantityArgs]. One after the other, also of the same line; 0..4,096
        of them.
    refunds: Sequence[PaymentAmountArgs]. Cancel and return, with mode NAMED; 0..64 of them.
    refund_mode: RefundMode. Fulfil: must be SHARE.
    unpaid: bool. Fulfil only: 1 = the goods have left although payments do not cover what
        is due; the actor must be named.
    final: bool. Cancel only: 1 = a late payment does not revive the order.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    OrderView.

Raises:
    In this order of checks, after those of every operation: NotFoundError; ExpiredError;
        OrderStateError (also lines of a PENDING order); of each quantity LineUnknownError,
        PlaceUnknownError, OverCancelError; of refunds NotFoundError, OverRefundError
        (NAMED), PaymentStateError (SHARE: a part of it waits for the answer to a capture),
        MaxBalanceError (of an account).
    Before anything is done: as orders.place, and ArgumentError for `refunds` without NAMED,
        and for `unpaid` or `elsewhere`.""",
    "order_fulfil": """Fulfils units of a CONFIRMED order: posts their legs and captures what is due. What is due
for all units fulfilled so far must be covered, whatever the payments settle on; not with
PAY_LATER, and with `unpaid` it is recorded all the same, with attention UNPAID.

Which units of which lines. No lines: everything that is possible.

Arguments:
    order: UUID
    lines: Sequence[LineQuantityArgs]. One after the other, also of the same line; 0..4,096
        of them.
    refunds: Sequence[PaymentAmountArgs]. Cancel and return, with mode NAMED; 0..64 of them.
    refund_mode: RefundMode. Fulfil: must be SHARE.
    unpaid: bool. Fulfil only: 1 = the goods have left although payments do not cover what
        is due; the actor must be named.
    final: bool. Cancel only: 1 = a late payment does not revive the order.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    OrderView.

Raises:
    In this order of checks, after those of every operation: NotFoundError; ExpiredError,
        OrderStateError; of each quantity LineUnknownError, PlaceUnknownError,
        OverFulfilError and of its accounts FrozenError, StockShortError (a backorder whose
        goods are not there; by kind as orders.place); UnpaidError; of the accounts of
        payments FrozenError, FundsShortError.
    Before anything is done: as orders.place, and ArgumentError for refunds, `final` or
        `elsewhere`, TextMissingError for `unpaid` without an actor.""",
    "order_return": """Takes fulfilled units of a CONFIRMED or CLOSED order back: their legs are reversed, to
another place when it is named (not with scrap), authorized money that is not owed any more
is voided, and captured money is refunded by refund_mode.

Which units of which lines. No lines: everything that is possible.

Arguments:
    order: UUID
    lines: Sequence[LineQuantityArgs]. One after the other, also of the same line; 0..4,096
        of them.
    refunds: Sequence[PaymentAmountArgs]. Cancel and return, with mode NAMED; 0..64 of them.
    refund_mode: RefundMode. Fulfil: must be SHARE.
    unpaid: bool. Fulfil only: 1 = the goods have left although payments do not cover what
        is due; the actor must be named.
    final: bool. Cancel only: 1 = a late payment does not revive the order.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    OrderView.

Raises:
    In this order of checks, after those of every operation: NotFoundError; ExpiredError,
        OrderStateError; of each quantity LineUnknownError, PlaceUnknownError,
        OverReturnError and of its accounts NotFoundError (no such item at the other place),
        FrozenError, StockShortError (the account that has the units now; by kind as
        orders.place), MaxBalanceError; of refunds as orders.cancel.
    Before anything is done: as orders.cancel, and ArgumentError for `final`.""",
    "order_get": """Reads an order with its lines, legs, adjustments and payments, as one read.

Arguments:
    order: UUID
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    OrderView.

Raises:
    NotFoundError.
    Before anything is done: as orders.place.""",
    "order_list": """Reads a page of orders, without their lines. With BY_CUSTOMER or BY_REF and a state, one
call reads orders in other states until `limit` orders fit. The time of an order is that of
its id, which the caller gave.

The orders that fit the selector, the state and both times, in order of their ids.

Arguments:
    text: str. Customer or reference, for BY_CUSTOMER and BY_REF.
    after: Optional[UUID]. The last id of the page before; None: from the start.
    from_: Optional[datetime]. Orders whose id has this time or a later one; None = any.
    until: Optional[datetime]. Orders whose id has a time before this one; None = any.
    by: OrderBy
    state: OrderState. OrderState.NONE = any, but not with BY_STATE.
    newest_first: bool. 0: the smallest id first; 1: the largest id first.
    limit: int. 1..256.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    OrderPage; fewer rows than `limit` mean the end. As an asynchronous iterator: one row
    after the other, over all pages.

Raises:
    TextMissingError (BY_CUSTOMER or BY_REF without `text`), EnumError (BY_STATE without a
        state).
    Before anything is done: as orders.place.""",
    "payment_add": """Adds a payment and authorizes it. The order is PENDING, and is confirmed when its payments
secure it; or it is CONFIRMED, has PAY_LATER or owes more than what covers it, and captures
what is due; or it is CLOSED and owes more than what covers it: then it is CONFIRMED again,
captures what is owed, and closes when it is paid. (For the words see
help(holdfast.orders).) Result: OrderView.

The payment's id is payment.id, or id when that is zero. When both are given, both are used:
no other operation can have either id.

Arguments:
    order: UUID
    payment: PaymentArgs
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    OrderView.

Raises:
    In this order of checks, after those of every operation (the version is the order's):
        NotFoundError; ExpiredError (the order's deadline has passed); OrderStateError;
        TooManyError (64); DeadlineError (in the past); CurrencyError (of the account);
        OverPaidError (more than is owed and not covered); of the account NotFoundError,
        FrozenError, QueuedAheadError, AttentionError, FundsShortError; of the accounts of
        an order that is confirmed by it, as orders.fulfil.
    Before anything is done: as orders.place.""",
    "payment_capture": """Captures authorized money; a provider is asked to (pending_capture), first for money that it
refused to capture before, which is not counted as refused from then on.

Arguments:
    payment: UUID
    amount: int. > 0; ALL: all that is possible.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Payment.

Raises:
    In this order of checks, after those of every operation: NotFoundError;
        PaymentStateError (not AUTHORIZED); OrderStateError (neither CONFIRMED nor a CLOSED
        order that owes more than net); OverCaptureError (more than is authorized and
        neither captured, voided, barred nor pending); OverPaidError (more than the order
        owes beyond what is captured or pending; with ALL when this is nothing); of an
        account FrozenError, FundsShortError.
    Before anything is done: as orders.place.""",
    "payment_void": """Voids authorized money, whatever the state of the order; a provider is asked to
(pending_void), or with PaymentFlags.WHOLE_VOID a part is barred. When the order is
CONFIRMED and has no open unit, what the void leaves owed and not covered is given away
(help(holdfast.orders)), so that the order can close. A PENDING order without a deadline
that it leaves uncovered is CANCELLED.

Arguments:
    payment: UUID
    amount: int. > 0; ALL: all that is possible.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Payment.

Raises:
    In this order of checks, after those of every operation: NotFoundError;
        PaymentStateError (not AUTHORIZED); ExpiredError (the order's deadline has passed);
        OverVoidError (more than is authorized and neither captured, voided, barred nor
        pending).
    Before anything is done: as orders.place.""",
    "payment_refund": """Refunds captured money, whatever the state of the order; a provider is asked to
(pending_refund). What the refund takes of money that the order owes is given away
(help(holdfast.orders)).

Arguments:
    payment: UUID
    amount: int. > 0; ALL: all that is possible.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Payment.

Raises:
    In this order of checks, after those of every operation: NotFoundError;
        PaymentStateError (neither AUTHORIZED nor CLOSED); OverRefundError (more than is
        captured and neither refunded, charged back nor pending); MaxBalanceError (of an
        account).
    Before anything is done: as orders.place.""",
    "payment_report": """Records what a provider says happened (see FACTS in help(holdfast.payments)); the payment
and its order follow in the same commit. No report is refused for its content.

Arguments:
    provider: str
    fact_ref: str. The provider's id of this message.
    unit: str. Of the amount.
    payment: Optional[UUID]. None: not known.
    amount: int. > 0; >= 0 with ReportFlags.TOTAL, FAILED and ACTION_REQUIRED.
    provider_time: Optional[datetime]. When it happened at the provider, Unix ms; None: not
        known.
    kind: FactKind
    flags: ReportFlags
    reference: str. The provider's id of the movement of money: of this authorization,
        capture, void, refund or dispute. "": fact_ref.
    payment_ref: str. The provider's id of the payment that it belongs to.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Fact, of a message that is known the fact as it was recorded first.

Raises:
    UnitUnknownError.
    Before anything is done: as orders.place, with AmountError for an amount of 0 that is
        neither TOTAL, FAILED nor ACTION_REQUIRED, and EnumError for FINAL that is not
        CAPTURED.""",
    "payment_get": """Reads one payment.

Arguments:
    payment: UUID
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Payment.

Raises:
    NotFoundError.
    Before anything is done: as orders.place.""",
    "payment_find": """Finds the payment with this provider_ref, else the payment for which a report recorded it
(Fact.payment_ref).

Arguments:
    provider: str
    provider_ref: str
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Payment.

Raises:
    NotFoundError.
    Before anything is done: as orders.place.""",
    "payment_list": """Reads a page of payments. Payments of a provider are read through an index by state. With
ALL and a state, one call reads payments in other states until `limit` payments fit.

The payments that fit the selector and the state.

Arguments:
    order: Optional[UUID]. For BY_ORDER; else None.
    after: Optional[UUID]. The last payment id of the page before; None: from the start.
    provider: str. For BY_PROVIDER; else "".
    by: PaymentBy
    state: PaymentState. PaymentState.NONE = any.
    newest_first: bool. 0: the smallest id or no first; 1: the largest first.
    limit: int. 1..256.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    PaymentPage; fewer rows than `limit` mean the end. As an asynchronous iterator: one row
    after the other, over all pages.

Raises:
    IdError (BY_ORDER without `order`), TextMissingError (BY_PROVIDER without `provider`),
        ArgumentError (`order` or `provider` with another selector).
    Before anything is done: as orders.place.""",
    "attention_list": """Reads a page of records with attention (help(holdfast.accounts) says what each bit means and
what a person does).

Records with attention, of one subject, in key order, after the key named by the field that
fits the subject.

Arguments:
    subject: AttentionSubject
    limit: int. 1..256.
    after_account: Key. The world: from the start.
    after_id: Optional[UUID]. Order, payment or hold; None: from the start.
    after_provider: str. Fact: provider, kind and reference; None: from the start.
    after_fact_ref: str
    after_kind: FactKind
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    AttentionPage; fewer than `limit` means the end. As an asynchronous iterator: one row
    after the other, over all pages.

Raises:
    Before anything is done: as orders.place.""",
    "attention_clear": """Clears attention bits of a record; actor (actor) and reason stay in the event. An account
that is still beyond its limits keeps Attention.BEYOND_LIMIT. Attention.MONEY_HELD on an
order: the money in hand beyond what the order owes is counted as kept (Order.kept) and owed
from then on; while a refund of one of its payments is requested, the bit stays and nothing
is counted. Attention.INVARIANT on an order, payment or hold: the engine handles the record
again; a WAITING order returns to its old position in its queues.

The field that fits `subject` names the record.

Arguments:
    reason: str. 1..63 bytes, kept in the event.
    subject: AttentionSubject
    bits: Attention. To clear.
    account: Key
    id: Optional[UUID]. Order, payment or hold.
    provider: str
    fact_ref: str
    kind: FactKind. Of the fact.
    op: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Raises:
    NotFoundError, IdReusedError, VersionMovedError.
    Before anything is done: as orders.place.""",
    "expect": """Guards a chain: succeeds when every condition is true, else ExpectError, NotFoundError or
VersionMovedError. Writes nothing. Useful through submit_many, linked to the next operation.

Every condition that is set must be true.

Arguments:
    subject: SubjectKind. ACCOUNT, ORDER, PAYMENT or HOLD.
    state: int. Of the order, payment or hold; 0 = any.
    id: Optional[UUID]. Of the order, payment or hold.
    key: Key. Of the account.
    available_min: int. Of the account: balance - held_out at least this; -2**63 = any.
    op: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Raises:
    Before anything is done: as accounts.put.""",
    "events_read": """Reads a page of events.

Arguments:
    after_seq: int. 0: from the first kept.
    subject: Optional[UUID]. Only this subject; None: all.
    type: int. Only this type; 0: all.
    limit: int. 1..256 events examined.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    EventPage. As an asynchronous iterator: one row after the other, over all pages.

Raises:
    SeqAheadError when after_seq is above the number of the last event, which the detail
        names: the reader has seen events that this store does not have, as after a restore
        of an older backup.
    Before anything is done: as accounts.put.""",
    "cursor_put": """Stores the number of the last event that a consumer has handled.

Arguments:
    consumer: str
    seq: int. Of the last event that was handled; at least the stored one; 0: none.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Cursor.

Raises:
    SeqAheadError when no event has that number yet (the detail names the last one),
        CursorBackError when the stored number is larger; cursors.reset moves a cursor back.
    Before anything is done: as accounts.put.""",
    "cursor_get": """Reads the number of the last event that a consumer has handled.

Arguments:
    consumer: str
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Cursor.

Raises:
    NotFoundError.
    Before anything is done: as accounts.put.""",
    "retention": """Removes a bounded number of ended orders, transactions, holds, operation keys and events
older than before; ids of that time are then IdTooOldError, and gaps are recorded. Events a
stored cursor has not passed are kept.

Arguments:
    before: Optional[datetime]. Records that ended, and events, before this time.
    limit: int. Records examined by one call; 1..4,096.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    RetentionResult.

Raises:
    ArgumentError (before in the future).
    Before anything is done: as accounts.put.""",
    "statement": """Reads an account's movements, oldest first. A page has `limit` movements, or fewer at the
end or after 4,096 events; it may end between two movements of one event, and the next page
begins with the second.

An account's movements out of the events.

Arguments:
    account: Key
    after_seq: int. next_seq of the page before; 0: from the first event that is kept.
    limit: int. 1..256 movements.
    after_no: int. next_no of the page before; 0: from the event's first movement.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    StatementPage. As an asynchronous iterator: one row after the other, over all pages.

Raises:
    SeqAheadError as events.read.
    Before anything is done: as accounts.put.""",
    "txn_submit": """Submits a transaction with all its moves and branches. The same id and content again waits
for (or gets) the same outcome. Without branches: one commit, CONFIRMED. Outcomes with
`wait` DECIDED or FINISHED come when it is so, out of the order of submission.

Arguments:
    moves: Sequence[TxnMoveArgs]. 0..4,096.
    branches: Sequence[BranchArgs]. 0..64.
    deadline: Optional[datetime]. No decision by then: cancelled; None: 30 s from the
        batch's time.
    kind: TxnKind. TCC or SAGA.
    wait: TxnWait. transactions.begin ignores it.
    wait_ms: int. How long the await lasts for that, once accepted: then it raises
        UnknownError. 0: until a minute after the deadline.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    TxnView.

Raises:
    No error when it is accepted, decided or finished, as `wait` says, and its state is not
        on the way to CANCELLED; with TxnAbortedError when it was cancelled (detail: why);
        with the refusal of a move (StockShortError, FundsShortError, LimitShortError,
        MaxBalanceError, FrozenError, AttentionError, QueuedAheadError, NotFoundError),
        ArgumentError (two ONE_PHASE participants; a saga's step that cannot be undone and
        is neither the pivot nor after it), IdReusedError, DeadlineError, and then nothing
        was stored; with UnknownError when wait_ms has passed before that, or the engine
        closes or is poisoned: the transaction continues, in another engine or at the next
        open, and transactions.get reads its state.
    Before anything is done: as orders.place; OverloadedError also when too many
        transactions are in progress; DrainingError after nodes.drain; UnsupportedError in a
        chain.""",
    "txn_begin": """Begins a transaction to which branches are added one by one, each tried at once (a saga's
steps: in the order of their groups). It is decided after transactions.seal, or cancelled by
its deadline.

Arguments:
    moves: Sequence[TxnMoveArgs]. 0..4,096.
    branches: Sequence[BranchArgs]. 0..64.
    deadline: Optional[datetime]. No decision by then: cancelled; None: 30 s from the
        batch's time.
    kind: TxnKind. TCC or SAGA.
    wait: TxnWait. transactions.begin ignores it.
    wait_ms: int. How long the await lasts for that, once accepted: then it raises
        UnknownError. 0: until a minute after the deadline.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    TxnView.

Raises:
    Also as transactions.submit that waits until ACCEPTED.
    Before anything is done: as transactions.submit.""",
    "txn_branch": """Adds a branch to a transaction that was begun.

Arguments:
    txn: UUID
    branch: BranchArgs
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    TxnView.

Raises:
    NotFoundError, TxnStateError (sealed, decided or past its deadline), TooManyError,
        ArgumentError (as transactions.submit, looking at the branches that it has),
        IdReusedError, VersionMovedError.
    Before anything is done: as transactions.submit.""",
    "txn_seal": """Says that no branch will be added: the transaction is decided when its tries have answered.
An account may refuse to post what it has held, for one because it was frozen meanwhile.
That cancels the transaction, unless `keep` is 1 and the seal itself decides: then the seal
raises FrozenError, StockShortError (FundsShortError, LimitShortError by kind), nothing has
changed, and a later seal may succeed. A service whose moves belong to a transaction that is
decided elsewhere sets it.

Arguments:
    txn: UUID
    wait: TxnWait
    keep: bool. 1: an account that refuses to post a move refuses the seal, and the
        transaction stays begun with its moves held. 0: it is cancelled then.
    wait_ms: int. As in TxnArgs.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    TxnView.

Raises:
    Also as transactions.submit with the same `wait`, and with NotFoundError, TxnStateError
        (not begun by transactions.begin).
    Before anything is done: as transactions.submit.""",
    "txn_abort": """Decides to cancel a transaction that is still TRYING; a parked transaction is unparked. A
ONE_PHASE branch that may have been called is first asked for its outcome, which then
decides.

Actor and reason stay in the history.

Arguments:
    txn: UUID
    reason: str. 1..63 bytes.
    branch: int. Resolve: which, from 1; else 0.
    answer: Answer. Resolve: Answer.OK or Answer.REJECTED (of a try); else 0.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    TxnView.

Raises:
    No error when it was cancelled before, with NotFoundError, TxnStateError (decided to
        confirm), VersionMovedError, IdReusedError.
    Before anything is done: as transactions.submit.""",
    "txn_get": """Reads a transaction with its branches.

Arguments:
    txn: UUID
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    TxnView.

Raises:
    NotFoundError.
    Before anything is done: as orders.place.""",
    "txn_list": """Reads a page of transactions.

Arguments:
    after: Optional[UUID]. Last id of the page before; None: from the start.
    after_at: Optional[datetime]. DUE: due of the last one.
    created_to: Optional[datetime]. Only those created before; None: all.
    participant: str. Only those with a branch of it that has not ended; None: all.
    which: TxnWhich
    state: TxnState. Only this TxnState; 0: all.
    limit: int. 1..256.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    TxnPage. As an asynchronous iterator: one row after the other, over all pages.

Raises:
    Before anything is done: as orders.place.""",
    "txn_history": """Reads a page of a transaction's history: every answer that was recorded and every act of an
operator.

Arguments:
    txn: UUID
    after_no: int. 0: from the start.
    limit: int. 1..256.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    AttemptPage. As an asynchronous iterator: one row after the other, over all pages.

Raises:
    NotFoundError.
    Before anything is done: as orders.place.""",
    "txn_retry_now": """Operator: makes the calls now that are due later.

Actor and reason stay in the history.

Arguments:
    txn: UUID
    reason: str. 1..63 bytes.
    branch: int. Resolve: which, from 1; else 0.
    answer: Answer. Resolve: Answer.OK or Answer.REJECTED (of a try); else 0.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    TxnView.

Raises:
    NotFoundError, TxnStateError (ended or parked), VersionMovedError, IdReusedError.
    Before anything is done: as transactions.submit.""",
    "txn_park": """Operator: stops calling until transactions.unpark.

Actor and reason stay in the history.

Arguments:
    txn: UUID
    reason: str. 1..63 bytes.
    branch: int. Resolve: which, from 1; else 0.
    answer: Answer. Resolve: Answer.OK or Answer.REJECTED (of a try); else 0.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    TxnView: as transactions.retry_now.

Raises:
    As transactions.retry_now.""",
    "txn_unpark": """Operator: continues a parked transaction, and counts its attempts from 0 again. The engine
parks a transaction when a step of it met a bug of the library (InvariantError): the reason
names the place, the participant is asked again later for the answer that was not recorded,
and a newer version of the library unparks the transaction at open.

Actor and reason stay in the history.

Arguments:
    txn: UUID
    reason: str. 1..63 bytes.
    branch: int. Resolve: which, from 1; else 0.
    answer: Answer. Resolve: Answer.OK or Answer.REJECTED (of a try); else 0.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    TxnView.

Raises:
    Also as transactions.retry_now; TxnStateError when it is not parked.""",
    "txn_resolve_branch": """Operator: answers for a branch whose participant cannot: OK, or for a try REJECTED. What
happened there must be known. A parked transaction continues.

Actor and reason stay in the history.

Arguments:
    txn: UUID
    reason: str. 1..63 bytes.
    branch: int. Resolve: which, from 1; else 0.
    answer: Answer. Resolve: Answer.OK or Answer.REJECTED (of a try); else 0.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    TxnView.

Raises:
    Also as transactions.retry_now; NotFoundError for the branch, TxnStateError when the
        branch waits for no answer.""",
    "nodes_list": """Reads a page of nodes: those that are alive, and those that have expired and were not
removed yet. Closing an engine removes its node at once. On a store that belongs to one
engine only that engine is alive.

Arguments:
    after: str. Last name of the page before; None: from the start.
    role: str. Only nodes of this role; None: all.
    limit: int. 1..256.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    NodePage. As an asynchronous iterator: one row after the other, over all pages.

Raises:
    Before anything is done: as orders.place.""",
    "node_drain": """Begins a planned shutdown: the engine releases all its shards in one commit, and from then
until it is closed takes no shards, calls no participant, and refuses new transactions with
DrainingError. Another engine, or the next open, continues its transactions: answers that
come later are dropped, and the calls are repeated under a higher epoch. Reads and all other
operations continue; a caller that waits for a transaction is completed when another engine
has ended it. close also releases the shards that an engine still has. Draining twice is no
error. No result.

Actor stays in the event.

Arguments:
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Raises:
    Before anything is done: as orders.place.
    The error of a commit that failed (BusyError, NoSpaceError, UnknownError): then no shard
        was released.""",
    "account_adjust": """Corrects the balance of an account to what was counted or decided elsewhere: a stock-take, a
purchase that the bank reversed. The difference is moved from the world or to the world. An
adjustment is a fact: it is recorded whatever the limits are. A balance beyond the limits
raises Attention.BEYOND_LIMIT, and the account accepts no new hold until its balance is
within the limits again. A difference above 0 promotes orders that wait for the account.

Arguments:
    key: Key
    mode: AdjustMode
    quantity: int
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Account.

Raises:
    NotFoundError, errors.OverflowError, IdReusedError, VersionMovedError; QuantityError for
        a difference of 0.
    Before anything is done: as accounts.put.""",
    "unit_put": """Declares a unit. Declaring a unit again with the same scale succeeds and changes nothing:
there is no event and the id stays unused. The event's body has one change of type
ChangeType.UNIT. A unit keeps no meta; meta only distinguishes this request from another one
with the same id.

Arguments:
    code: str. 1..63 bytes, e.g. "EUR".
    scale: int. Decimal places: 0..18.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Unit.

Raises:
    UnitScaleError when the unit was declared with another scale (the detail has both),
        NotFoundError when a version is expected and the unit has not been declared,
        VersionMovedError when the expected version is not 1, IdReusedError, IdTooOldError.
    Before anything is done: as accounts.put; ArgumentError for a scale above 18.""",
    "erase": """Erases a page of at most `limit` records in one commit, and writes one event that names them
and has no content (ChangeType.ERASED); nothing to erase writes none. While `more` is 1,
call again with the same arguments and a new id. An order's transactions come first and the
order itself last, so what is left is always found again the same way.

By CUSTOMER the orders are found by their customer, and no longer are once they are erased;
a customer without orders is no error. An order whose transactions have not all ended
(`open`) is erased nevertheless: erase it again by its id, which the event names, when they
have.

A repeated id changes nothing; its result has records 0, and `more` as it is at that time.

Arguments:
    record: Optional[UUID]. BY_ORDER, BY_HOLD, BY_TXN: its id; else None.
    account: Key. BY_ACCOUNT; else the world.
    customer: str. BY_CUSTOMER; else "".
    replacement: str. Pseudonym that takes the customer's place, 0..63 bytes; "": the order
        has no customer afterwards.
    by: EraseBy
    what: EraseFlags
    limit: int. Records changed in this call, 1..256.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    EraseResult.

Raises:
    NotFoundError (no such order, account, hold or transaction), TxnStateError (the
        transaction has not ended), VersionMovedError, TooManyError (the records of the page
        do not fit the option batch_bytes_max: give a smaller limit; a record with full meta
        takes 16 KiB).
    Before anything is done: as accounts.put, and ArgumentError for a selector that does not
        belong to `by`, for `what` 0 or without CUSTOMER by CUSTOMER, for a replacement that
        is the customer, or that nothing of `what` uses, and for expected_version by
        CUSTOMER; IdError and TextMissingError when what `by` names is missing.""",
    "unit_list": """Reads a page of units in bytewise order of their codes.

In order of their codes, starting after `after`.

Arguments:
    after: str. 0..63 bytes: the last code of the page before; "": the first.
    limit: int. 1..256.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    UnitPage. As an asynchronous iterator: one row after the other, over all pages.

Raises:
    Before anything is done: as accounts.put.""",
    "cursor_list": """Reads a page of cursors in bytewise order of their consumers. A consumer that is far behind
last_seq keeps all events after its cursor from retention.

In order of the consumers' names, starting after `after`.

Arguments:
    after: str. 0..63 bytes: the last consumer of the page before; "": the first.
    limit: int. 1..256.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    CursorPage. As an asynchronous iterator: one row after the other, over all pages.

Raises:
    Before anything is done: as accounts.put.""",
    "cursor_reset": """Moves a cursor to any event that has happened, also back: an act of a person, not of the
consumer. The event has the subject kind SubjectKind.CURSOR and one ChangeType.NOTE, with
the consumer as its text and the new number as its amount; a cursor that has this number
already is not changed, and there is no event. Cursors have no version: expected_version is
ignored.

Arguments:
    consumer: str
    seq: int. Of the last event that counts as handled; 0: none; forward or back.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Cursor, None for a repeat of the same id.

Raises:
    NotFoundError (no such cursor), SeqAheadError as cursors.put, IdReusedError,
        IdTooOldError.
    Before anything is done: as accounts.put.""",
    "cursor_remove": """Removes the cursor of a consumer that is gone, so that retention may remove the events that
the consumer has not handled. The event is that of cursors.reset, with the number that the
cursor had. expected_version is ignored.

Arguments:
    consumer: str
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Cursor as it was, None for a repeat of the same id.

Raises:
    NotFoundError (no such cursor), IdReusedError, IdTooOldError.
    Before anything is done: as accounts.put.""",
    "unit_get": """Reads a unit.

Arguments:
    code: str. 1..63 bytes.
    id: Optional[UUID]. UUIDv7 or None.
    expected_version: int. Of the record it changes; 0 = any; else VersionMovedError.
    actor: str. Who requests it, for the event; 0..63 bytes.
    meta: bytes. Stored with the record it makes or changes; CardNumberError when the option
        refuse_card_numbers says so; 0..16,384 bytes; 0 leaves stored meta as it is.

Returns:
    Unit.

Raises:
    NotFoundError.
    Before anything is done: as accounts.put.""",
    "hf_account": """An account as stored.

Fields:
    key: Key
    balance: int
    held_out: int. Sum of the remaining amounts of open holds from this account.
    held_in: int. Sum of the remaining amounts of open holds to this account.
    min_balance: int
    min_available: int
    max_balance: int
    created_at: Optional[datetime]
    updated_at: Optional[datetime]
    version: int
    waiting: int. Number of orders that wait on the account.
    frozen: bool. 1: new holds and moves out of it are refused.
    overtake: bool. 1: orders that fit need not wait for older ones that do not.
    attention: Attention
    meta: bytes""",
    "hf_account_page": """Result of a list: rows in key order; fewer than `limit` means the end.

Fields:
    rows: Tuple[Account, ...]""",
    "hf_hold": """A hold as stored. Its remaining amount is amount - posted - released.

Fields:
    id: UUID
    fingerprint: bytes
    from_: Key
    to: Key
    amount: int. Everything the hold was placed for or grew by; > 0.
    posted: int. Moved from `from` to `to`, reversed amounts included.
    released: int. No longer promised, and never moved.
    reversed: int. The part of `posted` that was moved back.
    deadline: Optional[datetime]. None = none.
    created_at: Optional[datetime]
    updated_at: Optional[datetime]
    version: int
    state: HoldState
    attention: Attention
    meta: bytes
    txn: Optional[UUID]. Of the transaction it belongs to, which alone changes it; None:
        none.""",
    "hf_order_view": """An order with everything that belongs to it; the result of the order functions.

Fields:
    order: Order
    lines: Tuple[OrderLine, ...]. By no.
    legs: Tuple[OrderLeg, ...]. By line and no.
    adjustments: Tuple[Adjustment, ...]
    payments: Tuple[Payment, ...]. By no.
    authorized_state: ProgressState. Authorized - voided against total.
    paid_state: ProgressState. Captured against total.
    refund_state: ProgressState. Refunded against captured.
    shipping_state: ProgressState. Fulfilled against quantity - cancelled.
    return_state: ProgressState. Returned against fulfilled.
    authorized: int
    captured: int
    refunded: int
    owed: int. See help(holdfast.orders)
    covered: int. The sum of what covers the order, at least 0.""",
    "hf_order": """An order as stored.

Fields:
    id: UUID
    fingerprint: bytes
    customer: str
    currency: str
    series: str
    external_ref: str
    total: int
    created_at: Optional[datetime]
    deadline: Optional[datetime]
    confirmed_at: Optional[datetime]
    closed_at: Optional[datetime]
    number: int. Gapless in its series, from 1.
    placed_seq: int. The event that placed it; the order of waiting.
    version: int
    state: OrderState
    policy: OrderFlags
    attention: Attention
    line_count: int
    adjustment_count: int
    payment_count: int
    meta: bytes
    kept: int. See help(holdfast.orders); >= 0.
    given_away: int. See help(holdfast.orders); >= 0.""",
    "hf_order_line": """A line as stored; its first leg inline.

Fields:
    order: UUID
    sku: str
    quantity: int
    unit_price: int
    price_per: int. unit_price is for so many units.
    total: int. muldiv(quantity, unit_price, price_per, half up) + its adjustments.
    fulfilled: int
    cancelled: int
    returned: int
    no: int. From 1.
    settle_on: Settle. CONFIRM or FULFIL.
    leg_count: int. 0: nothing is tracked; 1: only `leg`; more: the rest in OrderLeg.
    leg: Leg""",
    "hf_leg": """One leg of a line as stored. While the line is open it holds (units - cancelled - fulfilled)
* per_unit.

Fields:
    from_: Key
    to: Key
    per_unit: int
    units: int. Legs of one role add up to the line's quantity.
    fulfilled: int
    cancelled: int
    returned: int
    deadline: Optional[datetime]. While the order is pending.
    role: int. 0 for a plain line; a kit has one role per part.""",
    "hf_order_leg": """A further leg of a line that has more than one.

Fields:
    order: UUID
    line_no: int
    no: int. From 1; leg 0 is in the line.
    leg: Leg""",
    "hf_adjustment": """An adjustment of an order (line 0) or of a line.

Fields:
    order: UUID
    amount: int. Negative for discounts.
    no: int. From 1.
    line: int. 0 = the order.
    kind: AdjustmentKind""",
    "hf_payment": """A payment as stored.

Fields:
    id: UUID
    fingerprint: bytes
    order: UUID
    account: Key. Method ACCOUNT; else empty.
    provider: str. Method PROVIDER; else empty.
    provider_ref: str
    amount: int. What the payment is for.
    authorized: int. By account or provider, captured and voided money included.
    captured: int. Out of `authorized`, refunded and charged back money included.
    voided: int. Out of `authorized`: released without being captured.
    refunded: int. Out of `captured`.
    charged_back: int. Out of `captured`: taken back by the payer's bank.
    pending_authorize: int. Asked of the provider, or expected (CAPTURE_ONLY)
    pending_capture: int. Asked of the provider and not answered yet, as the next two.
    pending_void: int. Of both, at most what is left counts for what covers the order.
    pending_refund: int
    deadline: Optional[datetime]. Until when a PENDING payment waits; of an ACCOUNT: the
        order's.
    created_at: Optional[datetime]
    updated_at: Optional[datetime]
    version: int
    no: int. In the order, from 1.
    method: PaymentMethod
    settle_on: Settle
    state: PaymentState
    attention: Attention
    commands: int. Number of commands that the provider was asked so far.
    flags: PaymentFlags
    barred: int. Authorized, not to be captured, and released with the last capture.
    capture_refused: int. Authorized; the provider refused to capture it.
    void_refused: int. Authorized; the provider refused to void it.
    refund_refused: int. Captured; the provider refused to refund it.
    authorized_implied: int. Part of `authorized` that only captures and voids imply.
    chargeback_reversals: int. Reported before the chargebacks that they reverse.""",
    "hf_order_page": """A page of orders, without what belongs to them.

Fields:
    rows: Tuple[Order, ...]""",
    "hf_fact": """A fact as stored. Keyed by provider, kind and fact_ref.

Fields:
    provider: str
    fact_ref: str
    unit: str
    payment: Optional[UUID]. None: the fact matches none.
    amount: int
    provider_time: Optional[datetime]
    at: Optional[datetime]. When it was recorded first.
    kind: FactKind
    attention: Attention
    txn: Optional[UUID]. The command it answered; None: only reported.
    reference: str. Of the movement of money; empty: fact_ref.
    payment_ref: str. Of the payment: while the fact matches none, or recorded beside
        provider_ref; else empty.
    uncounted: int. How much of the amount moved no counter of the payment.
    flags: ReportFlags. And ReportFlags.SET_ASIDE.""",
    "hf_payment_page": """A page of payments.

Fields:
    rows: Tuple[Payment, ...]""",
    "hf_attention_page": """A page of records with attention; only the array that fits the subject is set.

Fields:
    subject: AttentionSubject
    accounts: Tuple[Account, ...]
    orders: Tuple[Order, ...]
    payments: Tuple[Payment, ...]
    facts: Tuple[Fact, ...]
    holds: Tuple[Hold, ...]""",
    "hf_event_page": """Result of events.read.

Fields:
    rows: Tuple[Event, ...]
    at_end: bool. 1: no later event was stored when the page was read.
    next_seq: int. after_seq for the next page.
    first_seq: int. Number of the first event that is still stored; 1: all are.
    removed: int. Events after after_seq that retention removed before this read; the page
        begins behind them. 0: no event is missing.
    store: Optional[UUID]. As HealthInfo.store.
    incarnation: int. As HealthInfo.incarnation: numbers of events count within one.""",
    "hf_event": """An event as stored.

Fields:
    seq: int
    at: Optional[datetime]
    subject: Optional[UUID]. Id of the order, payment or hold; None for others.
    subject_version: int
    op: Optional[UUID]
    actor: str
    type: EventType. Or EventType.
    subject_kind: SubjectKind
    body: bytes. Read with holdfast.changes.""",
    "hf_cursor": """The position of a consumer as stored.

Fields:
    consumer: str
    seq: int
    updated_at: Optional[datetime]""",
    "hf_retention_result": """Result of retention.

Fields:
    orders: int. Removed, with all that belongs to them.
    holds: int
    events: int
    op_keys: int
    more: bool. 1: call it again.
    txns: int. With branches, attempts and holds.""",
    "hf_statement_page": """Result of statement.

Fields:
    rows: Tuple[Movement, ...]
    at_end: bool. 1: no later event was stored when the page was read.
    next_seq: int. after_seq of the next page.
    next_no: int. after_no of the next page.
    first_seq: int. As in EventPage.
    removed: int. As in EventPage: their movements are missing here.""",
    "hf_movement": """One movement of a statement.

Fields:
    seq: int
    at: Optional[datetime]
    subject: Optional[UUID]
    amount: int. Positive: into the account.
    other: Key
    type: EventType. Of the event.
    subject_kind: SubjectKind""",
    "hf_txn_view": """A transaction with its branches.

Fields:
    txn: Txn
    branches: Tuple[Branch, ...]. By no.""",
    "hf_txn": """A transaction as stored.

Fields:
    id: UUID
    fingerprint: bytes
    payment: Optional[UUID]. Of a COMMAND; else None.
    deadline: Optional[datetime]
    due: Optional[datetime]. When the coordinator looks at it next; None: it has ended, or
        is parked.
    created_at: Optional[datetime]
    decided_at: Optional[datetime]
    ended_at: Optional[datetime]
    updated_at: Optional[datetime]
    amount: int. Of a COMMAND.
    epoch: int. Of its shard's lease when it was written last.
    version: int
    reason: str. Why it was cancelled or parked; else empty.
    kind: TxnKind
    state: TxnState
    parked: bool. 1: a person must look.
    open: bool. 1: begun, transactions.seal has not been called.
    shard: int. 0..64-1.
    branch_count: int. Branches with a record.
    move_count: int. Moves.
    attempts: int. Entries of its history.
    command: Command. Of a COMMAND: Command.
    flags: TxnFlags
    meta: bytes""",
    "hf_branch": """A branch as stored.

Fields:
    txn: UUID
    participant: str
    detail: str. Of its last answer.
    due: Optional[datetime]. When it is called next; None: nothing to call.
    first: Optional[datetime]. Of the first answer of this phase; None: none.
    amount: int. Of the answer to its try.
    updated_at: Optional[datetime]
    epoch: int. Of the shard's lease when its try was started.
    no: int. From 1.
    participant_version: int
    participant_flags: ParticipantFlags. When it was added.
    flags: BranchFlags
    group: int. Order among the tries; 0 first.
    state: BranchState
    attempts: int. Answers in this phase.
    answer: Answer. The last of this phase.
    payload: bytes""",
    "hf_txn_page": """A page of transactions.

Fields:
    rows: Tuple[Txn, ...]
    at_end: bool. 1: nothing follows. Filters may leave a page short of its limit.
    next: Optional[UUID]. `after` and `after` of the next page.
    next_at: Optional[datetime]""",
    "hf_attempt_page": """A page of a transaction's history; fewer than `limit` means the end.

Fields:
    rows: Tuple[Attempt, ...]""",
    "hf_attempt": """One attempt, or one act of an operator, as stored.

Fields:
    txn: UUID
    actor: str. Who did it; empty: the engine.
    detail: str. What was answered, or the operator's reason.
    at: Optional[datetime]
    epoch: int
    no: int. From 1, in the transaction.
    branch: int. 0: the transaction.
    phase: Phase
    answer: Answer. NONE: an operator's act or the engine's own decision.""",
    "hf_node_page": """A page of nodes, by name.

Fields:
    rows: Tuple[NodeView, ...]
    at_end: bool. 1: nothing follows. With `role` a page may have fewer rows than `limit`.
    next: str. `after` of the next page.""",
    "hf_node_view": """A node, and the shards that it drives.

Fields:
    node: Node
    shards: int. Bit n: drives the transactions of shard n.
    alive: bool. 1: expires has not passed.""",
    "hf_node": """An engine as stored: one that has a name, or drives transactions of a shared store.

Fields:
    name: str. The option node_name; generated when that is empty.
    address: str. As its host gave it; empty: none.
    role: str. As its host gave it; empty: none.
    started: Optional[datetime]. When this engine was first written.
    expires: Optional[datetime]. Alive until then; None: as long as it has the store open.
    incarnation: int. Different each time an engine of that name is opened.
    drives: bool. 1: has registered a participant or provider, so it takes shards.
    draining: bool. 1: takes no shards any more.""",
    "hf_unit": """A unit as stored. It never changes, so its version is always 1.

Fields:
    code: str
    scale: int. Decimal places: 0..18.""",
    "hf_erase_result": """Result of erase.

Fields:
    records: int. Changed by this call: orders, accounts, holds, and of transactions each
        branch and each entry of the history; 0: there was nothing to erase.
    orders: int. Of them: orders that this call has erased.
    open: int. Transactions examined that have not ended: their texts stay until then.
    more: bool. 1: the limit was reached, call again with a new id; 0: all is erased.""",
    "hf_unit_page": """Result of units.list: rows in order of their codes; fewer than `limit` means the end.

Fields:
    rows: Tuple[Unit, ...]""",
    "hf_cursor_page": """Result of cursors.list: rows in order of the names; fewer than `limit` means the end.

Fields:
    rows: Tuple[Cursor, ...]
    first_seq: int. Number of the first event that is still stored; 1: all are.
    last_seq: int. Number of the last event when the page was read; 0: there is none.""",
    "hf_health_info": """The result of health.

Fields:
    state: HealthState
    error: int. Why it is not OK; 0.
    queued: int. Operations waiting.
    operations: int. Accepted since open.
    completed: int. Completed since open.
    refused: int. Of those, with a status other than 0.
    overloaded: int. Calls that returned OverloadedError.
    batches: int. Committed since open.
    allocations: int. Calls of the allocator since open.
    event_seq: int. Last event written.
    time: Optional[datetime]. Time of the last batch, also of one before this open; None:
        none.
    clock_step_ms: int. A step of the clock not yet accepted; 0.
    dirty_bytes: int. Bytes of changes that the journal has and the store has not; 0 without
        a journal.
    journal_bytes: int. Bytes of the journal's files on disk; a file is used again when the
        store has its changes.
    checkpoints: int. Commits since open that wrote changes of the journal to the store.
    invariants: int. Operations undone by InvariantError since open, the engine's own too.
    clock_behind_ms: int. How far the clock is behind time, else 0; see ClockBehind.
    store: Optional[UUID]. Which store this is: random, the same in its backups and in what
        is restored from them; None: the store keeps none.
    incarnation: int. 1 of a new store; larger in each copy that was opened as a store (a
        backup, or one that was restored) and in a store that was opened without its
        journal: events with numbers that a consumer has seen before may be others. A
        consumer that keeps store and incarnation beside its position notices.
    disk_free: int. Bytes that were free for the store when a batch, or the engine after a
        call of health, last asked its file system; 2**64 - 1: no file, or not known.
    warnings: WarningFlags
    retry_ms: int. DEGRADED: the engine tries to write within so many ms, and a write that
        was refused may be repeated then; else 0.
    batch: int. Number of the last batch, which texts about the journal name; 0: none.""",
    "hf_verify_result": """Result of verify.

Fields:
    findings: Tuple[Finding, ...]
    findings_total: int. Found, also beyond those kept.
    rows: int. Examined.
    events: int. Folded.
    orders: int
    accounts: int
    digest: bytes. Over all records without engine times: equal stores have equal digests.""",
    "hf_finding": """One thing that verify found broken.

Fields:
    clause: Clause
    text: str. Names the record and both values.""",
    "hf_segment": """One file of a journal.

Fields:
    path: str. As the store's path begins.
    sequence: int. Its number: counts up, also when the file is used again; 0: UNUSED.
    bytes: int. Of the file, which is allocated at once.
    bytes_used: int. Up to the end of its last record.
    first_batch: int. 0: it has no record.
    last_batch: int
    records: int. One for each batch.
    changes: int. Rows written and removed by them.
    schema: int. Version of the rows in it.
    state: SegmentState
    store: Optional[UUID]. Identity of the store that it belongs to; None: of schema 3.
    incarnation: int. Of that store, as in HealthInfo.
    journal: int. Random number, the same in all segments of one journal.
    next_sequence: int. Of the segment that it names as the next one; 0: it names none, as
        the newest does, and the one before it while that has no record.""",
    "hf_call": """One call of a participant.

Fields:
    phase: Phase
    ticket: int. For the answer.
    txn: UUID
    key: UUID. Idempotency key: the same for every attempt of this branch and phase; QUERY:
        of its try.
    participant: str
    payload: bytes
    epoch: int. Of the lease on the transaction's shard: a remote side refuses a lower one
        than it has seen of the same transaction. An answer to a call of an older lease is
        ignored, and the call made again.
    time_left_ms: int. Of the transaction's deadline, for tries; of this call otherwise.
    amount: int. Command: how much; confirm and cancel: the amount of the try's answer.
    payment: Optional[UUID]. Command: of this payment; else None.
    order: Optional[UUID]. Command: of this order; else None.
    unit: str. Command: of the amount; else "".
    reference: str. Command: provider_ref of the payment; "" while it is not known.
    branch: int. No, from 1.
    version: int. Of the participant.
    attempt: int. From 1.
    command: Command
    final: int. CAPTURE: 1 = nothing can be captured after it: the provider is to release
        what is left of the authorization (a final capture)""",
    "hf_change": """One change, decoded. Fields that the type does not name are zero.

Fields:
    type: ChangeType
    subject_kind: SubjectKind
    id: Optional[UUID]
    from_: Key
    to: Key
    amount: int
    a: int
    b: int
    c: int
    d: int
    no: int
    state: int
    text: str""",
    "hf_metrics_info": """The result of metrics.

Fields:
    state: HealthState. 0 OK, 1 degraded, 2 poisoned, 3 closing.
    open_ns: int. How long the engine has been open.
    not_ready_ns: int. Of that, how long it was degraded or poisoned.
    availability_ppm: int. 1 - time not ready / time open.
    allocations: int. Calls of the allocator since open.
    invariants: int. Operations undone by InvariantError since open, the engine's own too.
    accepted: int. Operations accepted since open.
    completed: int. Operations completed since open: completed, or put into the completion
        queue.
    in_flight: int. Operations accepted and not completed.
    in_flight_ns: int. Integral over time of the operations in flight: its growth divided by
        the time is their average.
    queued: int. Operations that wait for a batch.
    new_work: int. Of those in flight, new work under Admission.ADAPTIVE; else 0.
    new_work_max: int. Cap of new work in flight under Admission.ADAPTIVE, of the loop and
        of other threads each; else 0.
    completions_waiting: int. Completions that are not taken from the completion queue, or
        will be put into it.
    overloaded_writes: int. Calls answered OverloadedError since open, by what was full
        (full writes)
    overloaded_reads: int. Calls answered OverloadedError since open, by what was full (full
        reads)
    overloaded_completions: int. Calls answered OverloadedError since open, by what was full
        (full completions)
    overloaded_txns: int. Calls answered OverloadedError since open, by what was full (full
        transactions)
    errors_rejected: int. Operations completed with an error since open, by the class of the
        error (class REJECTED)
    errors_retryable: int. Operations completed with an error since open, by the class of
        the error (class RETRYABLE)
    errors_unknown: int. Operations completed with an error since open, by the class of the
        error (class UNKNOWN)
    errors_fatal: int. Operations completed with an error since open, by the class of the
        error (class FATAL)
    errors_misuse: int. Operations completed with an error since open, by the class of the
        error (class MISUSE)
    write_latency_ns: Summary. Time from the acceptance of an operation to its completion
        (kind write)
    read_latency_ns: Summary. Time from the acceptance of an operation to its completion
        (kind read)
    write_wait_ns: Summary. Of that, the time until the batch of the operation began (kind
        write)
    read_wait_ns: Summary. Of that, the time until the batch of the operation began (kind
        read)
    batches: int. Batches committed since open.
    batch_operations: Summary. Operations of a batch that writes, with those of the
        coordinator.
    write_batch_ns: Summary. Time from the first decision of a batch to the end of its flush
        (kind write)
    read_batch_ns: Summary. Time from the first decision of a batch to the end of its flush
        (kind read)
    write_busy_ns: int. Time since open during which a batch ran, counted when it is
        delivered (kind write)
    read_busy_ns: int. Time since open during which a batch ran, counted when it is
        delivered (kind read)
    write_utilisation_ppm: int. Busy time / time open (kind write)
    read_utilisation_ppm: int. Busy time / time open (kind read)
    rows_written: int. Rows written and removed by commits since open.
    row_hits: int. Rows that decisions looked up since open: a hit was in the working set, a
        miss was not (result hit)
    row_misses: int. Rows that decisions looked up since open: a hit was in the working set,
        a miss was not (result miss)
    row_hit_ppm: int. Hits / (hits + misses); 0 without look-ups.
    read_cache_hits: int. Reads since open that the read cache may answer (result hit)
    read_cache_misses: int. Reads since open that the read cache may answer (result miss)
    peek_hits: int. Peeks since open (result hit)
    peek_misses: int. Peeks since open (result miss)
    read_cache_entries: int. Records in the read cache.
    read_cache_bytes: int. Memory that the records in the read cache take.
    journal_flush_ns: Summary. Time that a flush of the journal took.
    journal_dirty_bytes: int. Changes that the journal has and the store has not.
    journal_bytes: int. Files of the journal on disk.
    disk_free_bytes: int. Bytes that are free for the store; 2^64 - 1: it is not known.
    warning_disk: int. 1 while the engine warns that it may soon refuse writes, else 0 (of
        disk)
    warning_checkpoint: int. 1 while the engine warns that it may soon refuse writes, else 0
        (of checkpoint)
    checkpoints: int. Commits since open that brought the store what the journal had.
    store_commit_ns: Summary. Time that a commit of the store took: of a checkpoint, without
        a journal of a batch.
    sweep_ns: Summary. Time that expiry and promotions took in a batch.
    swept_deadline: int. Records that the engine handled by itself since open, because a
        deadline passed or supply came (cause deadline)
    swept_supply: int. Records that the engine handled by itself since open, because a
        deadline passed or supply came (cause supply)
    expiry_lag_ms: int. Age of the oldest deadline that is more than a second overdue; 0:
        there is none.
    orders_waiting: int. Orders that a commit since open left in this state and that had
        another one or were new (state WAITING)
    orders_pending: int. Orders that a commit since open left in this state and that had
        another one or were new (state PENDING)
    orders_confirmed: int. Orders that a commit since open left in this state and that had
        another one or were new (state CONFIRMED)
    orders_closed: int. Orders that a commit since open left in this state and that had
        another one or were new (state CLOSED)
    orders_cancelled: int. Orders that a commit since open left in this state and that had
        another one or were new (state CANCELLED)
    orders_expired: int. Orders that a commit since open left in this state and that had
        another one or were new (state EXPIRED)
    payments_new: int. Payments that a commit since open left in this state and that had
        another one or were new (state NEW)
    payments_pending: int. Payments that a commit since open left in this state and that had
        another one or were new (state PENDING)
    payments_authorized: int. Payments that a commit since open left in this state and that
        had another one or were new (state AUTHORIZED)
    payments_closed: int. Payments that a commit since open left in this state and that had
        another one or were new (state CLOSED)
    payments_failed: int. Payments that a commit since open left in this state and that had
        another one or were new (state FAILED)
    holds_held: int. Holds that a commit since open left in this state and that had another
        one or were new (state HELD)
    holds_partial: int. Holds that a commit since open left in this state and that had
        another one or were new (state PARTIAL)
    holds_done: int. Holds that a commit since open left in this state and that had another
        one or were new (state DONE)
    holds_void: int. Holds that a commit since open left in this state and that had another
        one or were new (state VOID)
    holds_expired: int. Holds that a commit since open left in this state and that had
        another one or were new (state EXPIRED)
    txns_trying: int. Transactions that a commit since open left in this state and that had
        another one or were new (state TRYING)
    txns_confirming: int. Transactions that a commit since open left in this state and that
        had another one or were new (state CONFIRMING)
    txns_confirmed: int. Transactions that a commit since open left in this state and that
        had another one or were new (state CONFIRMED)
    txns_cancelling: int. Transactions that a commit since open left in this state and that
        had another one or were new (state CANCELLING)
    txns_cancelled: int. Transactions that a commit since open left in this state and that
        had another one or were new (state CANCELLED)
    event_seq: int. Last event written, also before this open.
    events_delivered: int. Events given to subscriptions since open.
    subscriptions: int. Subscriptions that are open.
    subscription_lag: int. Events that the slowest subscription was not given yet.
    txns_active: int. Transactions in which something happens now.
    txns_waited_for: int. Callers that wait for the decision or the end of a transaction.
    txns_parked: int. Transactions of the store that wait for a person.
    participant_call_ns: Summary. Time from a call of a participant or payment provider to
        its answer or time-out (callee participant)
    provider_call_ns: Summary. Time from a call of a participant or payment provider to its
        answer or time-out (callee provider)
    operations: Tuple[OperationFigures, ...]. Of each type that was completed.
    callees: Tuple[CalleeFigures, ...]""",
    "hf_summary": """A latency or size: of all values since open. Quantiles are within 2 %; 0 while `count` is.

Fields:
    count: int. Of values.
    sum: int. Of them.
    least: int. Value.
    most: int. Value.
    p50: int. Quantiles: half of the values are at most this.
    p90: int
    p99: int
    p999: int""",
    "hf_operation_figures": """The operations of one type.

Fields:
    name: str. Of the operation, as its name.
    type: EventType
    completed: int. Operations completed since open, by operation.
    refused: int. Operations completed with an error since open, by operation.""",
    "hf_callee_figures": """A participant or payment provider that is registered.

Fields:
    name: str
    version: int. Of a participant; 0.
    provider: bool. 1: it is a payment provider; 0: a participant.
    calls: int. Calls made since open, by participant or provider.
    failures: int. Calls that ended without an answer or with UNKNOWN since open.
    timeouts: int. Of these, calls that timed out.
    retries: int. Calls since open that were not the first attempt.
    retries_refused: int. Retries that the retry budget put off since open.
    breaker_opened: int. How often the breaker opened since open.
    in_flight: int. Calls that have not ended.
    waiting: int. Calls that wait until the callee may be called.
    breaker_state: int. 0 closed, 1 open, 2 half-open.""",
    "hf_metric": """One field of the structs above. Fields of one metric follow each other.

Fields:
    field: str. "errors_fatal".
    name: str. Of the metric in the text: "holdfast_errors_total".
    help: str. What it counts or measures.
    label: str. By which the fields of one metric differ: "class"; None: there is one.
    value: str. Of the label: "FATAL"; None: each element of the list has its own.
    kind: MetricKind
    unit: MetricUnit
    of: MetricOf
    offset: int. Bytes from the start of its record.
    bytes: int. Of the field: 4 or 8 of a number, else those of Summary.""",
    "hf_cache_stat": """Statistics since Cache; entries and cost are the present ones.

Fields:
    entries: int. With those that say that a key has no value.
    cost: int. Of them.
    memory_bytes: int. Allocated.
    hits: int. CacheFound.HIT and CacheFound.ABSENT.
    misses: int
    puts: int
    evictions: int. CacheReason.EVICTED, with those without a value.
    expired: int
    refused: int. TooManyError and OverloadedError.
    loads: int. CacheFound.LOAD.
    waits: int. CacheFound.WAIT: loads that were saved.
    load_failures: int. An answer with an error.
    load_ms: int. The sum of the time from ask to answer.""",
    "leg": """One leg in arguments.

Arguments:
    per_unit: int. > 0.
    from_: Key. Or the world.
    to: Key. Or the world; not both.""",
    "line": """One line in arguments. Where its units come from, one of:
- no legs, no places: the item (sku, place "", unit), one per unit;
- places: the item at these places, in this order, as much as each has (split);
- legs: exactly these, each per_unit for every unit;
- untracked 1: nothing is held (a fee, a service, freight).

Arguments:
    sku: str
    quantity: int. > 0.
    unit: str. Of the item (sku); unused with legs; default "pcs".
    unit_price: int. >= 0.
    price_per: int. > 0; default 1.
    places: Sequence[str]. 0..128 of them.
    legs: Sequence[LegArgs]. 0..128 of them.
    settle_on: Settle. CONFIRM or FULFIL.
    untracked: bool""",
    "adjustment": """One adjustment in arguments.

Arguments:
    amount: int
    line: int. Number of the line, from 1; 0 = the order.
    kind: AdjustmentKind""",
    "payment": """One payment in arguments.

Arguments:
    id: Optional[UUID]. None: made from the order's id and the payment's no.
    account: Key. Method ACCOUNT; kind MONEY.
    provider: str. Method PROVIDER.
    amount: int. > 0; of an imported order >= 0.
    method: PaymentMethod
    settle_on: Settle
    deadline: Optional[datetime]. PROVIDER: the payment FAILS when it is PENDING still at
        this time; None: at the order's deadline. See "Deadlines" in help(holdfast.orders)
    flags: PaymentFlags. PROVIDER: PaymentFlags.CAPTURE_ONLY, WHOLE_VOID, ONE_CAPTURE.""",
    "line_change": """A changed line of orders.amend.

Arguments:
    line: int. Number of the line, from 1.
    quantity: int. The new quantity; at least what is fulfilled and cancelled.
    unit_price: int. The new price; >= 0; only while nothing of the line is fulfilled.""",
    "line_quantity": """A quantity of one line. A line whose quantity was split over places takes units of all of
them, the first place first when it fulfils and the last place first otherwise, unless one
place is named, by its text or by the number of its leg. Leg 1 is the leg of the OrderLine,
leg n + 1 is the OrderLeg with no n. The place of a leg is the one of its `from`, or of its
`to` when it comes from the world. The units of a kit are at the places of all its parts, so
no place of it can be named. Another place for what comes back (`elsewhere`) means the item
of the same sku and unit there; it holds for legs that went from an item to the world, and
the other legs of the line are reversed as without it.

Arguments:
    line: int. Number of the line, from 1.
    quantity: int. > 0; ALL: all that is possible.
    scrap: bool. Returns only: 1 = the units do not go back into stock.
    place: str. Of the units; "": `leg` says which, or any.
    to_place: str. Returns with `elsewhere`: where the units go; may be "".
    leg: int. Of the units: number of the leg, from 1; 0 = `place` says which.
    elsewhere: bool. Returns only: 1 = the units go to `to_place`.""",
    "payment_amount": """Arguments of payments.capture, payments.void and payments.refund.

Arguments:
    payment: UUID
    amount: int. > 0; ALL: all that is possible.""",
    "txn_move": """One movement in arguments: `amount` from one account to the other; one may be the world.

Arguments:
    amount: int. > 0.
    from_: Key
    to: Key""",
    "branch": """One branch in arguments.

Arguments:
    participant: str. Name of a registered participant.
    payload: bytes. Given to each of its calls; 0..16,384 bytes.
    version: int. Of the participant.
    group: int. Order among the tries; branches of one group run in parallel.
    flags: BranchFlags""",
    "items": """Inventory: accounts of kind ITEM, whose name is a sku.

The arguments are those of help(holdfast.accounts).""",
    "accounts": """Accounts: anything countable, with limits.

An account has a balance. held_out is the sum of the remaining amounts of open holds from the
account, held_in that of open holds to it. The open units of orders and the authorized money of
payments from accounts count as open holds here. available = balance - held_out. No command takes
balance below min_balance, available below min_available, or balance + held_in above max_balance.
These three limits express every policy: (0, 0, max) is a wallet, (-L, -L, max) a credit line of
L, (0, S, max) a safety stock of S and (0, -B, max) a backorder of up to B. A capacity of N is an
account opened with N; "once per customer" is a max_balance of 1.""",
    "holds": """Holds without an order, for trading, prepaid charging and quotes.

A hold promises an amount of one account to another. Posting moves a part of it, releasing ends
the promise for a part of it. What is neither posted nor released is the remaining amount:
amount - posted - released. A hold is open while its remaining amount is above 0.

  place --> HELD --post, release--> PARTIAL --post, release--> DONE | VOID
  HELD, PARTIAL --post, release of all that remains--> DONE | VOID
  HELD, PARTIAL --deadline--> EXPIRED | DONE
  DONE --reverse--> DONE""",
    "orders": """Orders: lines that hold stock, payments that hold money, made final together.

           payments secure it           nothing is open, all is paid
  place --> PENDING ----------> CONFIRMED -------------------------> CLOSED
    |        ^    |              ^  |  ^                               |
    |  supply|    | cancel,      |  |  '-- exchange; paid once more --'
    v        |    | deadline     |  | every unit is cancelled
  WAITING ---'    v              |  '-> CANCELLED
     '-------> CANCELLED, -------'
               EXPIRED    a late payment, with REVIVE

A line takes its units through legs: each leg moves per_unit of an account for each unit. A
plain line has one leg, its sku to the world. A kit, an appointment or a coupon is a line with
several legs; a quantity split over places has one leg per place. A line whose legs are all on
LIMIT accounts (a coupon) follows the other lines of its order, whatever it settles on: it is
held when the order is confirmed, posted as a whole with the first unit fulfilled of another
line, and released when every unit of the other lines is cancelled. In an order without another
line it settles as it says. A host may also fulfil or cancel it by its number.

WHAT AN ORDER OWES AND WHAT COVERS IT. Every function below uses these words in this sense. A
unit is worth its share of the line: of the line's total and of the line's part of the order's
own adjustments, which are split over the lines by their totals (holdfast.split).
  owed     the worth of the units neither cancelled nor returned, plus what was kept, less what
           was given away, at least 0. An order without lines owes its total in this sum; one
           that was cancelled or expired before it was confirmed owes what was kept alone.
  due      the same of the fulfilled units only, at most owed.
  kept     the captured worth of cancelled and returned units that a host did not refund: a fee.
  given    what a host refunded or released although the order owed it. When units are cancelled
  away     or returned later, it is lowered as far as the sum would become negative.
  covers   of each payment, what is authorized, or is asked or expected to be, less what is
           voided, barred, refunded or charged back, asked to be, or refused to be captured. A
           payment of a WAITING order covers its amount.
  secured  the same without what is only asked or expected to be authorized.
  net      captured and pending captures, less refunded, pending refunds and charged back.
  in hand  captured less refunded less charged back.

WHAT THE ENGINE DOES WITH MONEY BY ITSELF. When an order is confirmed, fulfilled, cancelled in
part, amended or paid, and at every fact of a CONFIRMED one, payments that settle on CONFIRM are
captured until net is what is owed, then those on FULFIL until net is what is due, in order of
their no; not from a payment that was charged back, or refunded without a command. When
it is confirmed, after a cancel, return or amend and at such a fact, authorized money that is not
owed is voided, of MANUAL payments too; the first payments stay. A fact voids nothing beyond
Payment.amount, which an amendment may need. Refused amounts are not asked for again.

WHAT ENDS AN ORDER. An order is CLOSED when no unit is open (neither fulfilled nor cancelled), no
authorization or capture is pending, and net is at least what is owed. It is CANCELLED as soon as
every unit is cancelled. When an order has ended (CLOSED, CANCELLED, EXPIRED), and at each later
fact, payments without an answer FAIL, authorized money is voided (of a CLOSED order: what it
does not owe beyond net), and what is in hand beyond what is owed is refunded, the last payment
first. An account takes back at most what its max_balance allows; the rest is MONEY_HELD.

LATE PAYMENTS. A payment that succeeds after its order was CANCELLED or EXPIRED confirms it anew
when it has the policy REVIVE, was never confirmed, its payments secure the total and everything
can be held again; its counters of cancelled units, kept and given away are 0 then. Else the
money goes back, with LATE_PAYMENT. A payment that succeeds after it had FAILED (PaymentFlags.LATE)
counts for a CONFIRMED or CLOSED order as any other; what it brings beyond what is owed, in one
message or several, goes back out of it, before any other payment, with LATE_PAYMENT.

ATTENTION OF AN ORDER (Attention).
  UNPAID        a fact, a refusal or a payment's deadline lowered what covers a CONFIRMED order
                below what it owes (with PAY_LATER: what secures it), or net of a CLOSED one;
                open money of a payment with a chargeback or a refund without a command does not
                count. Or units were fulfilled with `unpaid`, or an import is not covered. The
                engine clears it when the order is covered, CANCELLED or EXPIRED. A person adds a
                payment, to a CLOSED order too, captures, cancels, takes units back or clears it.
  MONEY_HELD    set exactly while an ended order has more in hand than it owes, also while the
                refund is under way. A person refunds (payments.refund, also what was refused),
                or clears the bit: then the money counts as kept (attention.clear).
  LATE_PAYMENT  late money was sent back. A person informs the payer and clears it.
  UNEXPECTED_FACT  an account refused what follows from a report or an answer (a frozen wallet,
                for example). The fact is recorded, UNPAID and MONEY_HELD are as after any other
                fact; the order follows with its next operation.

DEADLINES. The deadline of an order ends it while it is WAITING or PENDING: it refuses commands
then with ExpiredError, but its payments can be voided and refunded. A payment of a provider has
its own, or gets the order's when it is asked, and becomes FAILED if it is PENDING then, in any
state of the order. The deadline of a PENDING order is put off to the latest one of its payments
that wait; an order without one keeps none. A PENDING order without a deadline (also when an
amend removes it) is CANCELLED as soon as payments cover less than it owes and one, failed or
not, covers less than its amount. One that waits for its authorization does not end it.""",
    "payments": """Payments of orders, and the facts that providers report about them.

       asked            authorized            nothing is left to capture
  NEW ------> PENDING ------------> AUTHORIZED -------------------------> CLOSED
    \\            \\                   ^      ^                               |
     \\ not asked  \\ refused, late    |      '---- more is authorized -------'
      `-----------`--> FAILED -------'  a success is reported after all

A payment of method ACCOUNT is a hold on a money account: it is AUTHORIZED at once, or the
operation that brings it is refused. A payment of method PROVIDER is made by commands and facts.

COMMANDS. The engine asks a provider to authorize, capture, void or refund. Each command is a
transaction (transactions.list shows it) whose id is the idempotency key. Its amount is pending from
the commit that asks for it until the command ends: by the provider's answer, or by a report of
the outcome. A refused authorization makes the payment FAILED. Another refused command counts its
amount as refused (capture_refused, void_refused, refund_refused) and raises
Attention.COMMAND_REFUSED on the payment. The engine does not ask for this amount again by
itself, nor for other money of the payment in its place; a host may: then it is asked for first,
and not refused any more. The same holds for refused voids and refunds of money that an amendment
makes the order need again. Money whose capture was refused does not cover the order (help(holdfast.orders))
until AUTHORIZED brings more, or is newer than every capture that was asked for or reported and
every failure, a host captures it, or CAPTURED reports more than was pending. VOIDED and REFUNDED
of more than was pending lower what counts as refused of their kind in the same way.

FACTS. What a provider says happened, in an answer or in a report (payments.report), is a fact.
Commands may be refused, facts may not: each is recorded as it was said, in any order and any
number of times. A fact is a message about a movement of money, and three texts name them:
  fact_ref     the message; provider, kind and fact_ref are the key of the fact
  reference    the movement: this authorization, capture, void, refund or dispute; when it is
               empty, fact_ref names the movement as well
  payment_ref  the payment, as the provider calls it (Payment.provider_ref)
An answer names its movement, too: a provider's function sets Reply.reference to the
text that the webhook of the same movement has as `reference`, so both count once.

WHICH MESSAGE IS WHICH FACT. A host names the payment by its id where the message has the id
(metadata, merchantReference, custom_id), else by payment_ref.
  Stripe: fact_ref is the event (evt_), payment_ref the payment intent (pi_)      reference
    payment_intent.amount_capturable_updated  AUTHORIZED, amount_capturable +     pi_
                                              amount_received
    payment_intent.requires_action            ACTION_REQUIRED                     pi_
    payment_intent.canceled                   VOIDED of all that was left, or     pi_
                                              FAILED if nothing was authorized
    payment_intent.succeeded, charge.captured CAPTURED with TOTAL and FINAL       charge (ch_)
    refund.created, refund.updated            REFUNDED when it has succeeded      refund (re_)
    refund.failed                             FAILED                              refund (re_)
    charge.dispute.funds_withdrawn            CHARGEBACK                          balance (txn_)
    charge.dispute.funds_reinstated           CHARGEBACK_REVERSED                 balance (txn_)
    No fact: payment_intent.payment_failed (the payer may try again), charge.dispute.created and
    .closed (no money moves), charge.refunded beside the refund events. The release of money that
    was authorized and not captured (by the last capture, by canceling) is a refund to Stripe as
    well, with refund.created and charge.refunded: no fact, FINAL or VOIDED reports it. Such
    a refund has no balance_transaction. A host without the refund events reports charge.refunded
    of a captured charge as REFUNDED with TOTAL of the charge: amount_refunded less what was
    released (amount less amount_captured), and nothing when this is 0.
    A dispute that was won can be lost again: each of its balance transactions is a movement.
  Adyen: fact_ref is eventCode and pspReference, payment_ref is originalReference
    AUTHORISATION                             AUTHORIZED; FAILED without success  pspReference
    AUTHORISATION_ADJUSTMENT                  AUTHORIZED, the whole new amount    payment_ref
      that a void of ours made                VOIDED, what it released            pspReference
    CAPTURE, REFUND                           CAPTURED, REFUNDED with success     pspReference
    CAPTURE_FAILED, REFUND_FAILED,            FAILED                              that of CAPTURE
    REFUNDED_REVERSED                                                             or REFUND
    CANCELLATION, TECHNICAL_CANCEL, EXPIRE    VOIDED of all that was left         pspReference
    CHARGEBACK, CHARGEBACK_REVERSED           the kind of this name               pspReference
    SECOND_CHARGEBACK                         CHARGEBACK: another movement        pspReference/2
    No fact: NOTIFICATION_OF_*, REQUEST_FOR_INFORMATION, a refusal that may be tried again.
  PayPal: fact_ref is the event (WH-), payment_ref is the order
    PAYMENT.AUTHORIZATION.CREATED             AUTHORIZED                          authorization
      of a reauthorization                    AUTHORIZED                          the first one
    PAYMENT.AUTHORIZATION.VOIDED              VOIDED of all that was left         authorization
    PAYMENT.CAPTURE.COMPLETED                 CAPTURED, FINAL if final_capture    capture
    PAYMENT.CAPTURE.DECLINED, .DENIED         FAILED                              capture
    PAYMENT.CAPTURE.REFUNDED                  REFUNDED                            refund
    PAYMENT.CAPTURE.REVERSED                  CHARGEBACK                          its resource
    No fact: PAYMENT.CAPTURE.PENDING, CUSTOMER.DISPUTE.* (a refund or reversal moves the money).
  Mollie: the webhook has an id only. The host reads the payment (tr_), its payment_ref, and
  reports what is new of it; fact_ref is the id of this part and its status
    authorized; failed, canceled, expired     AUTHORIZED; FAILED                  tr_
    paid, of a payment without captures       CAPTURED (with CAPTURE_ONLY)        tr_
    a capture that succeeded                  CAPTURED                            cpt_
    a refund that is refunded; that failed    REFUNDED; FAILED                    re_
    a chargeback; its reversedAt              CHARGEBACK; CHARGEBACK_REVERSED     chb_
  Bank statement, of payments with CAPTURE_ONLY: fact_ref is the entry, reference is empty. A
  credit is CAPTURED, our own refund REFUNDED, a debit that was returned CHARGEBACK.

WHICH PAYMENT. The payment is the one whose id is named; else the one whose provider_ref is
payment_ref; else the one that another report with this payment_ref belongs to; else the one
whose provider_ref is the movement; else the one that another fact of the movement belongs to. A
report is set aside when payment_ref is the provider_ref of another payment than id names, when
no id is named and two payments have the provider_ref, the payment_ref or the movement, when the
payment is of method ACCOUNT, of another provider or in another currency, when the movement has
counted for another payment, or when `reference` is the provider_ref of another payment: the fact
is kept with ReportFlags.SET_ASIDE, says nothing about its movement and raises UNEXPECTED_FACT. A
report that leads to no payment is kept with UNMATCHED_FACT. It counts as soon as a payment gets
the payment_ref that the report named (at most 64 facts at once), or when the same message is
reported again and leads to a payment. Of the facts with one payment_ref 256 are looked at for a
payment. provider_ref is set once: from payment_ref, else from the movement of AUTHORIZED (of
CAPTURED with CAPTURE_ONLY), or from the answer to the authorization. Where these differ (order
and authorization of PayPal) a report records the other one, too (Fact.payment_ref).

HOW AMOUNTS ADD UP. The same message again changes nothing; with another amount or unit, or with
the id of another payment, it raises UNEXPECTED_FACT on the first fact and its payment. Amounts
of different movements add up. Of one movement of a payment
  AUTHORIZED: the message with the newest provider_time counts, on a tie the larger amount.
    The amount is what is authorized at its time, without what was voided before: voids that are
    older than the newest message of each authorization are added (a void without a time is
    older than its record). `authorized` is at least captured + voided, also before AUTHORIZED
    arrives. An authorization that is raised for an order that will be amended (incremental
    authorization) is reported first, then the order is amended; both may be linked operations
    of one batch.
  CAPTURED, VOIDED, REFUNDED, CHARGEBACK, CHARGEBACK_REVERSED: the first message counts. A
    further one with the same amount counts 0; with another amount it is set aside, unless it has
    ReportFlags.TOTAL and is not older: then the difference counts, with UNEXPECTED_FACT when the
    total became lower.
  FAILED: when it is newer by provider_time than every success of its movement, it takes them
    back, with UNEXPECTED_FACT. Else it counts 0. A success older than a known failure counts 0.
    Where the report that counts 0 has no time, it raises UNEXPECTED_FACT.
  What FAILED and a lower total take back of a capture counts as refused (capture_refused), and
so does what a lower total takes back of a void or refund that was asked for. A void or refund
that fails for the first time is asked for once more; the second one counts as refused. After the
last capture (CAPTURED with FINAL, or any of a payment with ONE_CAPTURE) what is neither captured
nor voided counts as voided, in whatever order the messages come, as far as it was authorized at
the time of this capture (an answer has the time at which it came) and the capture did not fail
since. What is authorized later is open. A reversal lowers charged_back. A reversal before its
chargeback is remembered and undoes the next one; a reversal of more than was charged back is set
aside until a further chargeback makes it fit. Both raise UNEXPECTED_FACT.

WHAT A FACT DOES. Counters move in every state of the payment, and the state follows: a payment
with authorized money is AUTHORIZED while some is neither captured nor voided, else CLOSED,
whatever its state was. FAILED without a success of its movement makes a PENDING payment FAILED,
unless the movement was reported as captured, voided or refunded, of which it says nothing more;
in another state it ends a command (see below) or raises UNEXPECTED_FACT. ACTION_REQUIRED sets a
flag of a PENDING payment. Then the order follows (help(holdfast.orders)). Attention of the fact is raised on
its payment, too: UNEXPECTED_FACT: money was captured, voided or refunded that no command had
asked for, unless it is CAPTURED with CAPTURE_ONLY; or authorized less voided money grew, unless
it was asked for or reported before and is at most Payment.amount. CHARGEBACK: each chargeback
that counts.

REPORTS AND COMMANDS UNDER WAY. A report of CAPTURED, VOIDED or REFUNDED that counts ends the
open command of its kind when it covers the amount; of several commands only their answers
identify which one it was, so these end together, when nothing of them is pending any more. With
FINAL, and of a payment with ONE_CAPTURE, it ends all captures. A report after which nothing is
left to capture ends the other captures and voids as refused, and one that takes the payment out
of PENDING or FAILED ends its authorization. The transaction gets TxnFlags.REPORTED, also when it
was parked, so a host that only forwards reports registers no provider. FAILED of a movement that
no other fact is about ends the open command other than an authorization as refused, when there
is only one and FAILED has its amount or 0 and is not older than the command (a time in whole
seconds lasts a second); without a time only when no other command was refused. Otherwise the
answer or a person ends the command. When the provider answers OK to a command that a report has
ended, a movement that is known counts nothing more. The answer counts when it names another
movement than the report did (TxnFlags.NAMED), or when nothing was reported as authorized. When
report and answer of one movement differ in their amounts, the larger counts, with
UNEXPECTED_FACT; an OK whose movement was reported as FAILED counts as a refusal. Answers to two
commands with one movement add up, with UNEXPECTED_FACT on the second unless they are captures
(of one charge); reports of the movement are compared with their sum.""",
    "attention": """Lists the records that a person should look at, and clears their attention bits.

help(holdfast.accounts) says what each bit means and what a person does about it.""",
    "events": """One event per operation that changed something: outbox, audit, replication.

An event is committed together with the changes that it describes; `seq` has no gap. The body
lists the changes of the operation; folding all bodies gives the balances, holds, counters and
states.""",
    "transactions": """Transactions over accounts of the store and outside participants: TCC and saga.

                every try succeeded             every confirm answered
    - -> TRYING ------------------> CONFIRMING ------------------------> CONFIRMED
            \\ refused, aborted,
             \\  deadline passed                 every cancel answered
              `-----------------> CANCELLING ------------------------> CANCELLED

The step out of TRYING is the decision; after it the direction never changes. PARKED is a flag
beside the state: a person must look at the transaction. Until then no participant is called, and
the transaction keeps its state.

A transaction has moves (between accounts of this store, or with the world) and branches (outside
participants). Moves are held when the transaction is accepted, posted with the decision to
confirm, released with the decision to cancel. Without branches all of it is one commit.

The outcome of a transaction is in the store; transactions.get reads it.""",
    "nodes": """Engines that work on one store: lists them, and drains one for a planned shutdown.

Transactions are spread over 64 shards, and a lease says which engine drives those of a
shard. An engine on an exclusive store (a built-in one) drives all shards for as long as it
is open. On a store that several engines have open (a shared one) a lease lasts
the option lease_ms by the store's time and is renewed at a third of that; an engine that could
not renew for two thirds of it calls no participant until the lease is renewed. Any engine that
has registered a participant or provider may take over an expired lease, under a higher epoch; a
valid lease is never taken over. Engines share the shards evenly: an engine that has more than
its share releases the others when it renews.

An operation may be submitted to any of the engines. A transaction of another engine's shard is
stored, and that engine finds it in the store. The operation completes when this engine sees the
outcome in the store. Both engines read the store four times a second.

All engines of a store that register participants must register the same ones: an engine parks a
transaction whose participant it has not registered.""",
    "units": """Units: what amounts are counted in, and how many decimal places they are shown with.

A unit is a code ("EUR", "pcs", "kg") and a scale. All amounts of the unit are integers of its
smallest part: with scale 2 an amount of 1999 is 19.99. The scale is for people and for other
programs; holdfast computes with the integers alone.

A unit must be declared before it is used. Opening an account declares its unit
(unit_scale of accounts.put). units.put declares a unit without an account: a currency in
which only providers pay has none. A declaration is for ever: a unit is neither changed nor
removed.""",
    "head": """`id` is the idempotency key of an operation that changes something, and the id of the record
for those that make one (order place, hold place, payment add). None: the engine makes one
and the event has it, but then a repeat is a new operation. Reads ignore it.

One id, one effect. Orders, holds, payments and keys share one space of ids, whatever the id
was used for: the same request with it again gives the first answer and changes nothing;
anything else is IdReusedError. So the id of an order cannot be used for one of its
payments. What was refused or changed nothing leaves its id unused. An id that retention may
have removed is IdTooOldError.

Two requests are the same when their type, all their fields and their meta are equal. Left
out are expected_version and actor, which a retry may change, and `wait` and `wait_ms` of a
transaction. Meta is part of the request, because it is stored: a repeat with other meta is
IdReusedError. So is one with another deadline: a host that computes it ("in 15 minutes")
begins with the time of the id (holdfast.id_time), and not with that of the call.

Of an operation that changes something these are checked first, in this order:
IdReusedError, IdTooOldError; with an expected_version NotFoundError (there is no such
record) and VersionMovedError. Then come the errors that the operation lists. Any operation,
a read too, may raises InvariantError, which is a bug of the library
(help(holdfast.errors)).""",
    "peek": """A record is cached after a get function has read it, an order also after an operation whose
result it was. Then each commit brings it up to date, until it is evicted (the option
read_cache_bytes_max). A deadline that passes and a promotion remove the order that they
change from the cache; the next read of the order caches it again.""",
    "options": """    threads: 1 (default): two storage threads, two reader threads, one for maintenance
        (verify, backup) and one for checkpoints; 0: none, batches run on the loop's thread.
        One order after the other then takes two thirds of the time, as no thread is woken,
        but the loop is blocked meanwhile, longest by a checkpoint.
    queue_bytes_max: Arguments of queued operations; default 16 MiB. New work (orders.place,
        holds.place, transactions.submit, transactions.begin) is refused when half of this,
        of queue_ops_max or of completions_max is used, so that under overload the engine
        still accepts reports of payments and operations that continue or end other work.
    batch_bytes_max: Rows of one batch; default 64 MiB, touched as needed.
    cache_bytes_max: Rows that decisions read, kept between batches; default 64 MiB.
    queue_ops_max: Queued operations; default 16,384.
    batch_ops_max: Operations of one commit; default 8,192.
    completions_max: Kept for the completion queue before submit_many refuses; default
        16,384.
    durability: Durability; default JOURNAL, which is STORE for a store that cannot have a
        journal (memory, shared, a host's own)
    check: Check; default QUICK.
    virtual_time: > 0: a virtual clock that starts there; see clock_advance, also for the
        latest time.
    random_seed: Not 0: ids are made from it, for tests and simulation.
    txns_max: Transactions in progress at once; the others wait in the store; default 4,096.
    lease_ms: Shared stores: how long this engine's leases last without being renewed;
        300..3,600,000, the same for all engines of a store; default 15,000.
    journal_bytes_max: JOURNAL: changes without a checkpoint, in memory and in the journal.
        When they reach this, a batch waits until half of them are in the store; 1 MiB..1
        TiB, default 256 MiB, touched as needed. The journal's files take up to 1.25 times
        as much of their file system, or about a quarter of what is free there, their own
        bytes counted, when that is less: then checkpoints begin earlier, and files that are
        not needed are removed. SQLite's log (PATH-wal) takes as much as half of the
        changes, and at most 64 MiB while the engine is idle.
    txn_keep_ms: How long ended transactions are kept, then the engine removes them by
        itself, with their branches, holds and history, and refuses their ids
        (IdTooOldError); 0: until retention; else 60,000 at least. Default 7 days. An engine
        with no participant and no provider removes none.
    node_name: 0..63 bytes; the name of this engine in nodes.list, unique among the engines
        of a store; empty (default): none, on a shared store a generated one.
    node_address: 0..63 bytes; its address for others; None (default): none.
    node_role: 0..63 bytes; its purpose; None (default): none.
    refuse_card_numbers: 1: meta in which the number of a payment card is found is refused
        (CardNumberError); a log line, or the detail of an answer of a participant or
        provider, in which one is found has '*' for each of its digits. 0 (default): nothing
        is searched. Keys and other names (sku, account, customer, external_ref, actor,
        consumer), references of providers and payloads of branches are never searched. What
        counts as such a number: 13 to 19 digits, with single spaces or dashes between them
        or none, that begin like an issuer's and pass the Luhn check.
    without_journal: 1: the store is opened although its journal is missing, damaged or
        another store's, and changes that only the journal had are lost; see
        help(holdfast.journal). 0 (default): that is CorruptError.
    clock_actor: 1..63 bytes with ClockBehind.SET_BACK: who sets the stored time back, for
        the event.
    clock_behind: ClockBehind; default REFUSE. Without effect while the clock is not behind,
        or virtual.
    read_only: 1: the store is only read, see holdfast.open. 0 (default)
    read_cache_bytes_max: Memory of the read cache (see help(holdfast.orders.peek)):
        accounts, items, orders, payments and holds that were read, and orders that an
        operation returned. Peeks and the get functions of these records read it; decisions
        do not. 0: no read cache; default 16 MiB (about 5,000 small orders)
    peek_age_max_ms: Shared stores, which the get functions always read: how old a record
        may be that a peek returns, since other engines may have changed it. 0: a peek finds
        nothing; default 1,000.
    metrics_file: The path of a file to which the engine writes its metrics each second, see
        help(holdfast.Engine.metrics); None (default): none.
    admission: Admission: when new work is refused; default FIXED.""",
    "participant": """    version: Default 1.
    call_timeout_ms: Then the answer is UNKNOWN; default 10,000.
    breaker_open_ms: Default 5,000.
    breaker_failures: In a row that open the breaker; 0: never; default 5.
    in_flight_max: Calls at once; default 256.
    retries_per_hundred: Retry budget: retries per hundred first attempts; default 20.""",
    "provider": """    call_timeout_ms: Default 10,000.
    breaker_open_ms: Default 5,000.
    breaker_failures
    in_flight_max
    retries_per_hundred""",
    "reply": """    amount: Try, OK: kept with the branch; command: how much was done, 0: all.
    after_ms: ONGOING, RETRY: not before; 0: the retry policy decides.
    reference: Provider: its id of this authorization, capture, void or refund, as its
        webhooks name it (help(holdfast.payments)); 0..63 bytes.
    detail: For people; None or text, cut at 63 bytes (see also the option
        refuse_card_numbers)""",
}


def text(key: str) -> str:
    """The page of an operation ("order_place"), an argument or a record ("hf_order"), a family."""
    return TEXTS.get(key, "")


def continued(key: str) -> Callable[[Documented], Documented]:
    """Puts a text behind the docstring of a class or function."""
    def add(documented: Documented) -> Documented:
        documented.__doc__ = f"{cleandoc(documented.__doc__ or '')}\n\n{text(key)}"
        return documented
    return add
