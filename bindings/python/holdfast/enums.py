"""The enumerations and bits of the library. Written by generate.py."""
from __future__ import annotations

from enum import IntEnum, IntFlag


class AmendFlags(IntFlag):
    """Bits of what an amend changes."""

    DEADLINE = 1
    EXTERNAL_REF = 2


class BranchFlags(IntFlag):
    """Bits of a branch of a transaction."""

    PIVOT = 1  #: saga: its success is the decision


class EraseFlags(IntFlag):
    """Bits of what is erased."""

    META = 1  #: meta of the record: replaced by that of the call, removed without one
    CUSTOMER = 2  #: of an order: replaced by `replacement`, removed without one
    REF = 4  #: of an order: external_ref is removed
    TEXTS = 8


class OrderFlags(IntFlag):
    """Bits of the policy of an order."""

    QUEUE = 1  #: when legs are short: wait, first come first served
    PAY_LATER = 2  #: confirmed and fulfilled without payments that cover it
    REVIVE = 4  #: a payment that succeeds late revives it, when it can be held
    IMPORT = 8  #: history of another system; see above


class ParticipantFlags(IntFlag):
    """Bits of what a participant can do and needs."""

    READONLY = 1  #: its try changes nothing: no confirm, no cancel
    ORDERED = 2  #: its branches of one transaction run one after another
    ONE_PHASE = 4  #: its try is final; `query` is required
    QUEUED = 8  #: calls come from the completion queue instead of functions


class PaymentFlags(IntFlag):
    """Bits of a payment."""

    BEYOND = 1  #: a fact broke its limits: counters may exceed each other
    ACTION_REQUIRED = 2  #: the payer must act before it can be authorized
    WITHDRAWN = 4  #: refunded without a command: the engine captures nothing
    CAPTURE_ONLY = 8  #: no authorization is expected
    WHOLE_VOID = 16  #: no part of it can be voided
    ONE_CAPTURE = 32  #: it is captured once
    LATE = 64  #: it had FAILED before it succeeded; see help(holdfast.orders)
    FINAL = 128  #: its last capture was reported (ReportFlags.FINAL)


class ProviderFlags(IntFlag):
    """Bits of what a payment provider cannot do."""

    WHOLE_VOID = 16  #: it voids an authorization only as a whole
    ONE_CAPTURE = 32  #: it captures once and releases what is left with it


class PutFlags(IntFlag):
    """Bits of what a put changes."""

    MIN_BALANCE = 1
    MIN_AVAILABLE = 2
    MAX_BALANCE = 4
    FROZEN = 8
    OVERTAKE = 16


class ReportFlags(IntFlag):
    """Bits of a report, and of the fact that it becomes."""

    TOTAL = 1  #: the amount is the running total of its movement
    FINAL = 2  #: the last capture; the provider has released what is left
    SET_ASIDE = 4


class TxnFlags(IntFlag):
    """Bits of a transaction."""

    FINAL = 1  #: the last capture of its payment
    REPORTED = 2  #: ended by a report, and not answered since
    NAMED = 4  #: ended by a report that named the movement


class WarningFlags(IntFlag):
    """Bits of what an engine warns of."""

    DISK = 1
    CHECKPOINT = 2


class AdjustMode(IntEnum):
    """How an adjustment expresses what was counted."""

    BY = 0  #: `quantity` is the difference, not 0
    TO = 1  #: `quantity` is the balance that was counted


class AdjustmentKind(IntEnum):
    """What an adjustment is."""

    TAX = 0
    DISCOUNT = 1
    SHIPPING = 2
    FEE = 3
    TIP = 4
    ROUNDING = 5


class Admission(IntEnum):
    """When new work (orders.place, holds.place, transactions.submit, transactions.begin) is
    refused with OverloadedError. Operations that continue or end other work, reports of
    payments and reads are refused in both modes only when their queue is full."""

    FIXED = 0
    ADAPTIVE = 1


class Answer(IntEnum):
    """What a participant answers."""

    NONE = 0
    OK = 1  #: done
    REJECTED = 2  #: try and query: refused, nothing was done and nothing will be
    ONGOING = 3
    UNKNOWN = 4  #: lost, timed out, malformed: ask again, it may have happened
    RETRY = 5  #: confirm and cancel: not now; again after `after_ms`
    PARK = 6  #: confirm and cancel: a person must look
    NOT_FOUND = 7


class Attention(IntFlag):
    """Why a person should look at a record: bits of `attention`. attention.list lists the records
    with attention, attention.clear clears bits (help(holdfast.attention)). Where a bit is set
    and what a person does about it: BEYOND_LIMIT, on an account: bring its balance back within
    its limits, or change the limits. The account accepts no new hold until then. LATE_PAYMENT,
    UNPAID, MONEY_HELD, on an order: see help(holdfast.orders). UNEXPECTED_FACT, on a fact, its
    payment and rarely its order: compare payment and provider, and correct the one that is
    wrong by a command or a report. UNMATCHED_FACT, on a fact: report the message again with the
    payment that it belongs to. CHARGEBACK, on a fact and its payment: dispute it with the
    provider, which reports a reversal. COMMAND_REFUSED, on a payment: ask again by
    payments.capture, payments.void or payments.refund, or resolve it with the provider, which
    reports the outcome. INVARIANT, on a fact, an order, a payment or a hold: a bug of the
    library (InvariantError) kept it from being handled. A fact has had no effect and matches no
    payment: report the same message again, which takes effect as soon as the bug is gone. An
    order, payment or hold was set aside: the engine neither expires nor promotes it, and an
    order that is WAITING waits in no queue. Operations of the host work on the record as usual.
    The engine handles it again when the bit is cleared, or when a newer version of the library
    opens the store. A transaction that was set aside is parked (transactions.unpark)."""

    BEYOND_LIMIT = 1  #: a fact took an account beyond its limits
    LATE_PAYMENT = 2  #: a payment succeeded too late, and its money is returned
    UNEXPECTED_FACT = 4  #: a fact that breaks an expectation
    UNMATCHED_FACT = 8  #: a fact that matches no payment
    CHARGEBACK = 16  #: money was taken back by the payer's bank
    COMMAND_REFUSED = 32  #: the provider refused a capture, void or refund
    UNPAID = 64  #: an order owes more than what covers it
    MONEY_HELD = 128  #: an ended order has more money than it owes
    INVARIANT = 256  #: a bug of the library kept a record from being handled


class AttentionSubject(IntEnum):
    """What raised attention."""

    ACCOUNT = 0
    ORDER = 1
    PAYMENT = 2
    FACT = 3
    HOLD = 4


class BarrierAnswer(IntEnum):
    """What a service must do with a call."""

    DO = 1  #: do the work and store the new row, in one transaction
    REPEAT = 2  #: it was done before: answer OK, change nothing
    SKIP = 3  #: there is nothing to do: store the new row and answer OK
    REFUSE = 4  #: too late, or of an engine that was replaced: answer REJECTED


class BarrierState(IntEnum):
    """Phases and answers of the barrier of a service are Phase (TRY, CONFIRM, CANCEL)."""

    NONE = 0  #: there is no row
    TRIED = 1
    CONFIRMED = 2
    CANCELLED = 3
    NULL_CANCELLED = 4  #: cancelled before its try came: a try after that is refused


class BranchState(IntEnum):
    """States of a branch."""

    NONE = 0
    WAITING = 1  #: not started: a group before it has not ended
    TRYING = 2  #: may have been called
    TRIED = 3  #: its try succeeded
    REFUSED = 4  #: its try refused: there is nothing to cancel
    CONFIRMING = 5  #: must confirm
    CONFIRMED = 6
    CANCELLING = 7  #: must cancel
    CANCELLED = 8


class CacheFound(IntEnum):
    """What Cache.get and Cache.load found."""

    MISS = 0  #: there is no entry
    HIT = 1  #: there is a value
    ABSENT = 2  #: there is an entry that says that the key has no value
    LOAD = 3  #: Cache.load: there is no entry, and the caller must load it
    WAIT = 4  #: Cache.load: it is being loaded; the waiter is called


class CachePolicy(IntEnum):
    """Which entry is evicted when the cache is full."""

    LRU = 0  #: the least recently used
    FIFO = 1  #: the oldest
    CLOCK = 2
    SIEVE = 3
    S3_FIFO = 4


class CacheReason(IntEnum):
    """Why a value was removed."""

    EVICTED = 0  #: the cache was full
    EXPIRED = 1  #: its time to live had passed
    REPLACED = 2  #: Cache.put gave its key another value
    REMOVED = 3  #: Cache.remove, Cache.clear or Cache.close


class ChangeType(IntEnum):
    """What one change of an event's body says."""

    END = 0
    MOVE = 1  #: from.balance -= amount, to.balance += amount
    HOLD = 2  #: from.held_out += amount, to.held_in += amount; negative: released
    STATE = 3  #: subject is now in state `state`
    LINE = 4  #: line `no` of order `id`: counters by a (fulfilled), b (cancelled), c (returned)
    PAYMENT = 5  #: payment `id`: counters by a (authorized), b (captured), c (voided), d (refunded)
    POSTED = 6  #: hold `id`: counters by a (posted), b (released), c (reversed), d (amount)
    LIMITS = 7  #: account `from`: min_balance a, min_available b, max_balance c
    NOTE = 8  #: `text`, `amount` on the subject (an account: `from`)
    QUANTITY = 9  #: line `no` of order `id`: quantity by a
    UNIT = 10  #: unit `text` is declared with scale a
    ERASED = 11  #: erase erased texts of the subject (an account: `from`)
    ORDER = 12  #: order `id`: counters by a (kept), b (given_away)
    CLOCK = 13  #: the stored time was a and is b (Unix ms)


class Check(IntEnum):
    """How thoroughly a store is checked at open."""

    QUICK = 0  #: structure, up to 1 GiB
    FULL = 1  #: structure whatever its size, then every row, index and count


class Clause(IntEnum):
    """Clauses of verify; a finding names the broken clause."""

    BALANCES = 1  #: balance, held_out and held_in equal their sums; units sum to 0
    LIMITS = 2  #: within limits, or attention
    HOLDS = 3  #: counters of holds
    LINES = 4  #: counters and totals of lines and orders
    LEGS = 5  #: legs hold what is open
    PAYMENTS = 6  #: counters of payments
    IDS = 7  #: one id, one effect
    TERMINAL = 8  #: terminal states hold nothing
    EVENTS = 9  #: seq without gap; folding them gives the state
    SEQUENCES = 10  #: order numbers without gap; times do not go back
    STORE = 11  #: the store's own structure, checksums and counts
    TXNS = 12  #: branches and holds agree with their transaction
    MONEY = 13  #: the money of each order against what the order owes; see verify


class ClockBehind(IntEnum):
    """What an engine does when the clock is more than 60 s behind the stored time: the store was
    used while a clock was ahead, or the clock of this machine is behind. Reading, verify and
    backup work in each case."""

    REFUSE = 0
    CONTINUE = 1
    SET_BACK = 2


class Command(IntEnum):
    """What a payment provider is asked for, beside Phase: its calls are TRY or QUERY."""

    NONE = 0
    AUTHORIZE = 1
    CAPTURE = 2
    VOID = 3
    REFUND = 4


class Durability(IntEnum):
    """When an operation completes. A journal that an earlier engine left behind is never ignored:
    with STORE and NONE its changes are first written to the store."""

    STORE = 0  #: when the store's commit is on disk; each batch is one commit
    NONE = 1  #: when it is in memory; for tests and caches only
    JOURNAL = 2


class EraseBy(IntEnum):
    """What names the records that are erased."""

    ORDER = 0  #: `record`: an order
    CUSTOMER = 1  #: `customer`: every order that has this customer
    ACCOUNT = 2  #: `account`
    HOLD = 3  #: `record`: a hold without an order
    TXN = 4  #: `record`: a transaction that has ended


class FactKind(IntEnum):
    """What a provider says happened."""

    AUTHORIZED = 0
    CAPTURED = 1
    VOIDED = 2
    REFUNDED = 3
    FAILED = 4
    CHARGEBACK = 5
    ACTION_REQUIRED = 6
    CHARGEBACK_REVERSED = 7


class HealthState(IntEnum):
    """Whether an engine works."""

    OK = 0
    DEGRADED = 1
    POISONED = 2  #: the engine has stopped: close it and open it again
    CLOSING = 3


class HoldState(IntEnum):
    """States of a hold."""

    NONE = 0  #: no stored hold has this state
    HELD = 1  #: open; nothing was posted or released
    PARTIAL = 2  #: open; a part was posted or released
    DONE = 3  #: nothing remains, and something was posted
    VOID = 4  #: nothing remains, and everything was released by an operation
    EXPIRED = 5  #: the deadline released everything; nothing was posted


class Kind(IntEnum):
    """What an account counts. WORLD is the outside (supplier, customer, bank); it has no record."""

    WORLD = 0
    ITEM = 1  #: pieces of something: stock, seats, slots
    MONEY = 2  #: a wallet, a gift card, a till
    LIMIT = 3  #: a right to do something so many times: coupon uses, credit hours


class MetricKind(IntEnum):
    """What a metric is in Prometheus."""

    COUNTER = 0  #: grows until the engine is closed
    GAUGE = 1  #: goes up and down
    HISTOGRAM = 2  #: a Summary


class MetricOf(IntEnum):
    """What a figure belongs to."""

    ENGINE = 0  #: a field of MetricsInfo
    OPERATION = 1  #: of OperationFigures
    CALLEE = 2  #: of CalleeFigures


class MetricUnit(IntEnum):
    """The unit of a metric; the text has base units."""

    ONE = 0  #: a number of what `help` says
    NS = 1  #: in the text seconds
    MS = 2  #: in the text seconds
    BYTES = 3  #: bytes
    PPM = 4  #: millionths; in the text a ratio from 0 to 1


class OrderBy(IntEnum):
    """By what orders.list selects."""

    ALL = 0  #: by id, which carries the caller's time
    CUSTOMER = 1  #: those of the customer `text`
    REF = 2  #: those with the external reference `text`
    STATE = 3  #: those in `state`, through an index


class OrderState(IntEnum):
    """States of an order."""

    NONE = 0
    WAITING = 1  #: for supply; holds nothing
    PENDING = 2  #: holds everything; its payments do not secure it yet
    CONFIRMED = 3  #: being fulfilled and paid
    CLOSED = 4  #: fulfilled and paid; returns and refunds are possible
    CANCELLED = 5  #: before it was confirmed, or every unit of it
    EXPIRED = 6  #: its deadline passed before it was confirmed


class PaymentBy(IntEnum):
    """By what payments.list selects."""

    ALL = 0  #: all payments, in order of their ids
    ORDER = 1  #: those of the order `order`, in order of their no
    PROVIDER = 2  #: those of the provider `provider`, in order of their ids


class PaymentMethod(IntEnum):
    """How a payment is made."""

    ACCOUNT = 0  #: from a money account of the store
    PROVIDER = 1  #: by an outside provider; see register_provider


class PaymentState(IntEnum):
    """States of a payment."""

    NONE = 0
    NEW = 1
    PENDING = 2
    AUTHORIZED = 3
    CLOSED = 4
    FAILED = 5


class Phase(IntEnum):
    """What a participant is asked to do."""

    TRY = 0  #: TCC: reserve; saga and ONE_PHASE: do it
    CONFIRM = 1  #: TCC: make what was reserved final
    CANCEL = 2  #: TCC: release it; saga: undo it. Also when the try never arrived
    QUERY = 3  #: what became of the try with this key?


class ProgressState(IntEnum):
    """The progress of money and goods of an order; computed from counters, never set."""

    NONE = 0
    PARTIAL = 1
    FULL = 2
    OVER = 3


class PutMode(IntEnum):
    """What a put does, depending on whether the account exists."""

    ANY = 0  #: open it, or change the fields of the mask
    NEW = 1  #: open it; ExistsError when it exists
    OPEN_IF_ABSENT = 2  #: open it, or leave it exactly as it is
    CHANGE = 3  #: change the fields of the mask; NotFoundError when absent


class RefundMode(IntEnum):
    """What a cancel or a return refunds. The share is what the units were worth of what is owed,
    but no more than is captured beyond what stays: net (with NONE and NAMED also what was
    charged back) less what is owed after a cancel, less what is due after a return. So money
    that is authorized is no part of it (it is voided in every mode), nor money that other units
    still need."""

    SHARE = 0  #: the share, out of the last payment first
    NONE = 1  #: nothing: the share is kept
    NAMED = 2  #: exactly `refunds`: less than the share is kept, more is given away


class Rounding(IntEnum):
    """How holdfast.muldiv rounds."""

    HALF_UP = 0  #: ties away from zero; the mode of order lines
    HALF_EVEN = 1  #: ties to the even neighbour
    DOWN = 2  #: toward zero
    UP = 3  #: away from zero


class SegmentState(IntEnum):
    """How far a segment was read."""

    WHOLE = 0  #: every record was read; of the newest segment: up to a torn last one
    DAMAGED = 1  #: it was read up to the damage, which the error names
    NOT_READ = 2  #: it was not read: an earlier segment is damaged
    UNUSED = 3  #: of schema 3: it was created, and nothing was written to it


class Settle(IntEnum):
    """When a line or payment is made final."""

    CONFIRM = 0  #: at once when the order is confirmed
    FULFIL = 1  #: as units are fulfilled
    MANUAL = 2  #: payments only: by payments.capture


class SubjectKind(IntEnum):
    """What an event or a change is about."""

    NONE = 0
    ACCOUNT = 1
    ORDER = 2
    PAYMENT = 3
    HOLD = 4
    FACT = 5
    CURSOR = 6
    TXN = 7
    BRANCH = 8  #: in changes: `id` the transaction, `no` the branch
    UNIT = 9


class TxnKind(IntEnum):
    """How the branches of a transaction are run."""

    TCC = 0  #: try all, then confirm all or cancel all
    SAGA = 1  #: do steps in the order of their groups, or undo them in reverse
    COMMAND = 2  #: one command to a payment provider; made by the engine only


class TxnState(IntEnum):
    """States of a transaction."""

    NONE = 0
    TRYING = 1
    CONFIRMING = 2
    CONFIRMED = 3
    CANCELLING = 4
    CANCELLED = 5


class TxnWait(IntEnum):
    """Until when a submission waits for its outcome."""

    ACCEPTED = 0  #: it is durable and will end
    DECIDED = 1  #: confirm or cancel is decided, and moves are posted or released
    FINISHED = 2  #: every branch has answered


class TxnWhich(IntEnum):
    """What transactions.list lists."""

    ALL = 0  #: by id
    OPEN = 1  #: not ended, by id
    PARKED = 2  #: parked, by id
    DUE = 3  #: not ended and not parked, by due time


class EventType(IntEnum):
    """Types of events: operations, and what the engine does by itself."""

    NONE = 0
    ITEM_PUT = 1
    ITEM_RECEIVE = 2
    ITEM_ADJUST = 3
    ITEM_GET = 4
    ITEM_LIST = 5
    ACCOUNT_PUT = 6
    ACCOUNT_DEPOSIT = 7
    ACCOUNT_WITHDRAW = 8
    ACCOUNT_TRANSFER = 9
    ACCOUNT_GET = 10
    ACCOUNT_LIST = 11
    HOLD_PLACE = 12
    HOLD_POST = 13
    HOLD_RELEASE = 14
    HOLD_ADJUST = 15
    HOLD_REVERSE = 16
    HOLD_GET = 17
    ORDER_PLACE = 18
    ORDER_AMEND = 19
    ORDER_CANCEL = 20
    ORDER_FULFIL = 21
    ORDER_RETURN = 22
    ORDER_GET = 23
    ORDER_LIST = 24
    PAYMENT_ADD = 25
    PAYMENT_CAPTURE = 26
    PAYMENT_VOID = 27
    PAYMENT_REFUND = 28
    PAYMENT_REPORT = 29
    PAYMENT_GET = 30
    PAYMENT_FIND = 31
    PAYMENT_LIST = 32
    ATTENTION_LIST = 33
    ATTENTION_CLEAR = 34
    EXPECT = 35
    EVENTS_READ = 36
    CURSOR_PUT = 37
    CURSOR_GET = 38
    RETENTION = 39
    STATEMENT = 40
    TXN_SUBMIT = 41
    TXN_BEGIN = 42
    TXN_BRANCH = 43
    TXN_SEAL = 44
    TXN_ABORT = 45
    TXN_GET = 46
    TXN_LIST = 47
    TXN_HISTORY = 48
    TXN_RETRY_NOW = 49
    TXN_PARK = 50
    TXN_UNPARK = 51
    TXN_RESOLVE_BRANCH = 52
    NODES_LIST = 53
    NODE_DRAIN = 54
    ACCOUNT_ADJUST = 55
    UNIT_PUT = 56
    ERASE = 57
    UNIT_LIST = 58
    CURSOR_LIST = 59
    CURSOR_RESET = 60
    CURSOR_REMOVE = 61
    UNIT_GET = 62
    EXPIRE = 200  #: deadlines passed
    PROMOTE = 201  #: waiting orders were promoted
    DRIVE = 202  #: a transaction was driven: answers, decisions, commands
    LEASE = 203  #: an engine took over or released leases on transactions
    SET_ASIDE = 204  #: a record that broke an invariant is skipped from now on
    RESUME = 205  #: a newer version of the library handles such a record again
    CLOCK = 206  #: the stored time was set back to the clock, see ClockBehind


__all__ = ['AdjustMode', 'AdjustmentKind', 'Admission', 'AmendFlags', 'Answer', 'Attention',
           'AttentionSubject', 'BarrierAnswer', 'BarrierState', 'BranchFlags', 'BranchState',
           'CacheFound', 'CachePolicy', 'CacheReason', 'ChangeType', 'Check', 'Clause',
           'ClockBehind', 'Command', 'Durability', 'EraseBy', 'EraseFlags', 'EventType', 'FactKind',
           'HealthState', 'HoldState', 'Kind', 'MetricKind', 'MetricOf', 'MetricUnit', 'OrderBy',
           'OrderFlags', 'OrderState', 'ParticipantFlags', 'PaymentBy', 'PaymentFlags',
           'PaymentMethod', 'PaymentState', 'Phase', 'ProgressState', 'ProviderFlags', 'PutFlags',
           'PutMode', 'RefundMode', 'ReportFlags', 'Rounding', 'SegmentState', 'Settle',
           'SubjectKind', 'TxnFlags', 'TxnKind', 'TxnState', 'TxnWait', 'TxnWhich', 'WarningFlags']
