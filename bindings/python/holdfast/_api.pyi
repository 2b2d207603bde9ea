"""Types of what the package makes at import. Written by generate_types.py."""
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Awaitable, Callable, NamedTuple, Optional, Sequence, Tuple
from uuid import UUID

from .enums import (AdjustMode, AdjustmentKind, Admission, AmendFlags, Answer, Attention,
        AttentionSubject, BarrierAnswer, BarrierState, BranchFlags, BranchState, CacheFound,
        CachePolicy, CacheReason, ChangeType, Check, Clause, ClockBehind, Command, Durability,
        EraseBy, EraseFlags, EventType, FactKind, HealthState, HoldState, Kind, MetricKind,
        MetricOf, MetricUnit, OrderBy, OrderFlags, OrderState, ParticipantFlags, PaymentBy,
        PaymentFlags, PaymentMethod, PaymentState, Phase, ProgressState, ProviderFlags, PutFlags,
        PutMode, RefundMode, ReportFlags, Rounding, SegmentState, Settle, SubjectKind, TxnFlags,
        TxnKind, TxnState, TxnWait, TxnWhich, WarningFlags)
from .errors import Fatal, Misuse, Rejected, Retryable, Unknown
from ._operations import Op
from ._pages import Pages, SyncPages
from .values import Key

@dataclass(frozen=True)
class Account:
    key: Key
    balance: int
    held_out: int
    held_in: int
    min_balance: int
    min_available: int
    max_balance: int
    created_at: Optional[datetime]
    updated_at: Optional[datetime]
    version: int
    waiting: int
    frozen: bool
    overtake: bool
    attention: Attention
    meta: bytes

@dataclass(frozen=True)
class AccountPage:
    rows: Tuple[Account, ...]

@dataclass(frozen=True)
class Hold:
    id: UUID
    fingerprint: bytes
    from_: Key
    to: Key
    amount: int
    posted: int
    released: int
    reversed: int
    deadline: Optional[datetime]
    created_at: Optional[datetime]
    updated_at: Optional[datetime]
    version: int
    state: HoldState
    attention: Attention
    meta: bytes
    txn: Optional[UUID]

@dataclass(frozen=True)
class OrderView:
    order: Order
    lines: Tuple[OrderLine, ...]
    legs: Tuple[OrderLeg, ...]
    adjustments: Tuple[Adjustment, ...]
    payments: Tuple[Payment, ...]
    authorized_state: ProgressState
    paid_state: ProgressState
    refund_state: ProgressState
    shipping_state: ProgressState
    return_state: ProgressState
    authorized: int
    captured: int
    refunded: int
    owed: int
    covered: int

@dataclass(frozen=True)
class Order:
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
    number: int
    placed_seq: int
    version: int
    state: OrderState
    policy: OrderFlags
    attention: Attention
    line_count: int
    adjustment_count: int
    payment_count: int
    meta: bytes
    kept: int
    given_away: int

@dataclass(frozen=True)
class OrderLine:
    order: UUID
    sku: str
    quantity: int
    unit_price: int
    price_per: int
    total: int
    fulfilled: int
    cancelled: int
    returned: int
    no: int
    settle_on: Settle
    leg_count: int
    leg: Leg

@dataclass(frozen=True)
class Leg:
    from_: Key
    to: Key
    per_unit: int
    units: int
    fulfilled: int
    cancelled: int
    returned: int
    deadline: Optional[datetime]
    role: int

@dataclass(frozen=True)
class OrderLeg:
    order: UUID
    line_no: int
    no: int
    leg: Leg

@dataclass(frozen=True)
class Adjustment:
    order: UUID
    amount: int
    no: int
    line: int
    kind: AdjustmentKind

@dataclass(frozen=True)
class Payment:
    id: UUID
    fingerprint: bytes
    order: UUID
    account: Key
    provider: str
    provider_ref: str
    amount: int
    authorized: int
    captured: int
    voided: int
    refunded: int
    charged_back: int
    pending_authorize: int
    pending_capture: int
    pending_void: int
    pending_refund: int
    deadline: Optional[datetime]
    created_at: Optional[datetime]
    updated_at: Optional[datetime]
    version: int
    no: int
    method: PaymentMethod
    settle_on: Settle
    state: PaymentState
    attention: Attention
    commands: int
    flags: PaymentFlags
    barred: int
    capture_refused: int
    void_refused: int
    refund_refused: int
    authorized_implied: int
    chargeback_reversals: int

@dataclass(frozen=True)
class OrderPage:
    rows: Tuple[Order, ...]

@dataclass(frozen=True)
class Fact:
    provider: str
    fact_ref: str
    unit: str
    payment: Optional[UUID]
    amount: int
    provider_time: Optional[datetime]
    at: Optional[datetime]
    kind: FactKind
    attention: Attention
    txn: Optional[UUID]
    reference: str
    payment_ref: str
    uncounted: int
    flags: ReportFlags

@dataclass(frozen=True)
class PaymentPage:
    rows: Tuple[Payment, ...]

@dataclass(frozen=True)
class AttentionPage:
    subject: AttentionSubject
    accounts: Tuple[Account, ...]
    orders: Tuple[Order, ...]
    payments: Tuple[Payment, ...]
    facts: Tuple[Fact, ...]
    holds: Tuple[Hold, ...]

@dataclass(frozen=True)
class EventPage:
    rows: Tuple[Event, ...]
    at_end: bool
    next_seq: int
    first_seq: int
    removed: int
    store: Optional[UUID]
    incarnation: int

@dataclass(frozen=True)
class Event:
    seq: int
    at: Optional[datetime]
    subject: Optional[UUID]
    subject_version: int
    op: Optional[UUID]
    actor: str
    type: EventType
    subject_kind: SubjectKind
    body: bytes

@dataclass(frozen=True)
class Cursor:
    consumer: str
    seq: int
    updated_at: Optional[datetime]

@dataclass(frozen=True)
class RetentionResult:
    orders: int
    holds: int
    events: int
    op_keys: int
    more: bool
    txns: int

@dataclass(frozen=True)
class StatementPage:
    rows: Tuple[Movement, ...]
    at_end: bool
    next_seq: int
    next_no: int
    first_seq: int
    removed: int

@dataclass(frozen=True)
class Movement:
    seq: int
    at: Optional[datetime]
    subject: Optional[UUID]
    amount: int
    other: Key
    type: EventType
    subject_kind: SubjectKind

@dataclass(frozen=True)
class TxnView:
    txn: Txn
    branches: Tuple[Branch, ...]

@dataclass(frozen=True)
class Txn:
    id: UUID
    fingerprint: bytes
    payment: Optional[UUID]
    deadline: Optional[datetime]
    due: Optional[datetime]
    created_at: Optional[datetime]
    decided_at: Optional[datetime]
    ended_at: Optional[datetime]
    updated_at: Optional[datetime]
    amount: int
    epoch: int
    version: int
    reason: str
    kind: TxnKind
    state: TxnState
    parked: bool
    open: bool
    shard: int
    branch_count: int
    move_count: int
    attempts: int
    command: Command
    flags: TxnFlags
    meta: bytes

@dataclass(frozen=True)
class Branch:
    txn: UUID
    participant: str
    detail: str
    due: Optional[datetime]
    first: Optional[datetime]
    amount: int
    updated_at: Optional[datetime]
    epoch: int
    no: int
    participant_version: int
    participant_flags: ParticipantFlags
    flags: BranchFlags
    group: int
    state: BranchState
    attempts: int
    answer: Answer
    payload: bytes

@dataclass(frozen=True)
class TxnPage:
    rows: Tuple[Txn, ...]
    at_end: bool
    next: Optional[UUID]
    next_at: Optional[datetime]

@dataclass(frozen=True)
class AttemptPage:
    rows: Tuple[Attempt, ...]

@dataclass(frozen=True)
class Attempt:
    txn: UUID
    actor: str
    detail: str
    at: Optional[datetime]
    epoch: int
    no: int
    branch: int
    phase: Phase
    answer: Answer

@dataclass(frozen=True)
class NodePage:
    rows: Tuple[NodeView, ...]
    at_end: bool
    next: str

@dataclass(frozen=True)
class NodeView:
    node: Node
    shards: int
    alive: bool

@dataclass(frozen=True)
class Node:
    name: str
    address: str
    role: str
    started: Optional[datetime]
    expires: Optional[datetime]
    incarnation: int
    drives: bool
    draining: bool

@dataclass(frozen=True)
class Unit:
    code: str
    scale: int

@dataclass(frozen=True)
class EraseResult:
    records: int
    orders: int
    open: int
    more: bool

@dataclass(frozen=True)
class UnitPage:
    rows: Tuple[Unit, ...]

@dataclass(frozen=True)
class CursorPage:
    rows: Tuple[Cursor, ...]
    first_seq: int
    last_seq: int

@dataclass(frozen=True)
class HealthInfo:
    state: HealthState
    error: int
    queued: int
    operations: int
    completed: int
    refused: int
    overloaded: int
    batches: int
    allocations: int
    event_seq: int
    time: Optional[datetime]
    clock_step_ms: int
    dirty_bytes: int
    journal_bytes: int
    checkpoints: int
    invariants: int
    clock_behind_ms: int
    store: Optional[UUID]
    incarnation: int
    disk_free: int
    warnings: WarningFlags
    retry_ms: int
    batch: int

@dataclass(frozen=True)
class VerifyResult:
    findings: Tuple[Finding, ...]
    findings_total: int
    rows: int
    events: int
    orders: int
    accounts: int
    digest: bytes

@dataclass(frozen=True)
class Finding:
    clause: Clause
    text: str

@dataclass(frozen=True)
class Segment:
    path: str
    sequence: int
    bytes: int
    bytes_used: int
    first_batch: int
    last_batch: int
    records: int
    changes: int
    schema: int
    state: SegmentState
    store: Optional[UUID]
    incarnation: int
    journal: int
    next_sequence: int

@dataclass(frozen=True)
class Call:
    phase: Phase
    ticket: int
    txn: UUID
    key: UUID
    participant: str
    payload: bytes
    epoch: int
    time_left_ms: int
    amount: int
    payment: Optional[UUID]
    order: Optional[UUID]
    unit: str
    reference: str
    branch: int
    version: int
    attempt: int
    command: Command
    final: int

@dataclass(frozen=True)
class Change:
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
    text: str

@dataclass(frozen=True)
class MetricsInfo:
    state: HealthState
    open_ns: int
    not_ready_ns: int
    availability_ppm: int
    allocations: int
    invariants: int
    accepted: int
    completed: int
    in_flight: int
    in_flight_ns: int
    queued: int
    new_work: int
    new_work_max: int
    completions_waiting: int
    overloaded_writes: int
    overloaded_reads: int
    overloaded_completions: int
    overloaded_txns: int
    errors_rejected: int
    errors_retryable: int
    errors_unknown: int
    errors_fatal: int
    errors_misuse: int
    write_latency_ns: Summary
    read_latency_ns: Summary
    write_wait_ns: Summary
    read_wait_ns: Summary
    batches: int
    batch_operations: Summary
    write_batch_ns: Summary
    read_batch_ns: Summary
    write_busy_ns: int
    read_busy_ns: int
    write_utilisation_ppm: int
    read_utilisation_ppm: int
    rows_written: int
    row_hits: int
    row_misses: int
    row_hit_ppm: int
    read_cache_hits: int
    read_cache_misses: int
    peek_hits: int
    peek_misses: int
    read_cache_entries: int
    read_cache_bytes: int
    journal_flush_ns: Summary
    journal_dirty_bytes: int
    journal_bytes: int
    disk_free_bytes: int
    warning_disk: int
    warning_checkpoint: int
    checkpoints: int
    store_commit_ns: Summary
    sweep_ns: Summary
    swept_deadline: int
    swept_supply: int
    expiry_lag_ms: int
    orders_waiting: int
    orders_pending: int
    orders_confirmed: int
    orders_closed: int
    orders_cancelled: int
    orders_expired: int
    payments_new: int
    payments_pending: int
    payments_authorized: int
    payments_closed: int
    payments_failed: int
    holds_held: int
    holds_partial: int
    holds_done: int
    holds_void: int
    holds_expired: int
    txns_trying: int
    txns_confirming: int
    txns_confirmed: int
    txns_cancelling: int
    txns_cancelled: int
    event_seq: int
    events_delivered: int
    subscriptions: int
    subscription_lag: int
    txns_active: int
    txns_waited_for: int
    txns_parked: int
    participant_call_ns: Summary
    provider_call_ns: Summary
    operations: Tuple[OperationFigures, ...]
    callees: Tuple[CalleeFigures, ...]

@dataclass(frozen=True)
class Summary:
    count: int
    sum: int
    least: int
    most: int
    p50: int
    p90: int
    p99: int
    p999: int

@dataclass(frozen=True)
class OperationFigures:
    name: str
    type: EventType
    completed: int
    refused: int

@dataclass(frozen=True)
class CalleeFigures:
    name: str
    version: int
    provider: bool
    calls: int
    failures: int
    timeouts: int
    retries: int
    retries_refused: int
    breaker_opened: int
    in_flight: int
    waiting: int
    breaker_state: int

@dataclass(frozen=True)
class Metric:
    field: str
    name: str
    help: str
    label: str
    value: str
    kind: MetricKind
    unit: MetricUnit
    of: MetricOf
    offset: int
    bytes: int

@dataclass(frozen=True)
class CacheStat:
    entries: int
    cost: int
    memory_bytes: int
    hits: int
    misses: int
    puts: int
    evictions: int
    expired: int
    refused: int
    loads: int
    waits: int
    load_failures: int
    load_ms: int

class LegArgs(NamedTuple):
    per_unit: int
    from_: Key = ...
    to: Key = ...

leg = LegArgs

class LineArgs(NamedTuple):
    sku: str
    quantity: int
    unit: str = ...
    unit_price: int = ...
    price_per: int = ...
    places: Sequence[str] = ...
    legs: Sequence[LegArgs] = ...
    settle_on: Settle = ...
    untracked: bool = ...

line = LineArgs

class AdjustmentArgs(NamedTuple):
    amount: int = ...
    line: int = ...
    kind: AdjustmentKind = ...

adjustment = AdjustmentArgs

class PaymentArgs(NamedTuple):
    id: Optional[UUID] = ...
    account: Key = ...
    provider: str = ...
    amount: int = ...
    method: PaymentMethod = ...
    settle_on: Settle = ...
    deadline: Optional[datetime] = ...
    flags: PaymentFlags = ...

payment = PaymentArgs

class LineChangeArgs(NamedTuple):
    line: int
    quantity: int = ...
    unit_price: int = ...

line_change = LineChangeArgs

class LineQuantityArgs(NamedTuple):
    line: int
    quantity: int
    scrap: bool = ...
    place: str = ...
    to_place: str = ...
    leg: int = ...
    elsewhere: bool = ...

line_quantity = LineQuantityArgs

class PaymentAmountArgs(NamedTuple):
    payment: UUID
    amount: int

payment_amount = PaymentAmountArgs

class TxnMoveArgs(NamedTuple):
    amount: int
    from_: Key = ...
    to: Key = ...

txn_move = TxnMoveArgs

class BranchArgs(NamedTuple):
    participant: str
    payload: bytes = ...
    version: int = ...
    group: int = ...
    flags: BranchFlags = ...

branch = BranchArgs

class AsyncItems:
    def put(self, key: Key, *, mode: PutMode = ..., mask: PutFlags = ..., opening: int = 0,
            min_balance: int = 0, min_available: int = 0, max_balance: int = 9223372036854775807,
            frozen: bool = False, overtake: bool = False, unit_scale: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Account]: ...
    def receive(self, amount: int, *, from_: Key = ..., to: Key = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Account]: ...
    def adjust(self, key: Key, *, mode: AdjustMode = ..., quantity: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Account]: ...
    def get(self, key: Key, *, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Account]: ...
    def peek(self, key: Key, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Optional[Account]: ...
    def list(self, *, after: Key = ..., kind: Kind = ..., limit: int = 100,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Pages[Account, AccountPage]: ...

class AsyncAccounts:
    def put(self, key: Key, *, mode: PutMode = ..., mask: PutFlags = ..., opening: int = 0,
            min_balance: int = 0, min_available: int = 0, max_balance: int = 9223372036854775807,
            frozen: bool = False, overtake: bool = False, unit_scale: int = -1,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Account]: ...
    def deposit(self, amount: int, *, from_: Key = ..., to: Key = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Account]: ...
    def withdraw(self, amount: int, *, from_: Key = ..., to: Key = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Account]: ...
    def transfer(self, amount: int, *, from_: Key = ..., to: Key = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Account]: ...
    def get(self, key: Key, *, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Account]: ...
    def peek(self, key: Key, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Optional[Account]: ...
    def list(self, *, after: Key = ..., kind: Kind = ..., limit: int = 100,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Pages[Account, AccountPage]: ...
    def adjust(self, key: Key, *, mode: AdjustMode = ..., quantity: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Account]: ...

class AsyncHolds:
    def place(self, amount: int, *, from_: Key = ..., to: Key = ...,
            deadline: Optional[datetime] = ..., id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Awaitable[Hold]: ...
    def post(self, hold: UUID, *, post: int = 0, release: int = 0, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Awaitable[Hold]: ...
    def release(self, hold: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Awaitable[Hold]: ...
    def adjust(self, hold: UUID, *, grow: int = 0, deadline: Optional[datetime] = ...,
            set_deadline: bool = False, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Awaitable[Hold]: ...
    def reverse(self, hold: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Awaitable[Hold]: ...
    def get(self, hold: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Awaitable[Hold]: ...

class AsyncOrders:
    def place(self, currency: str, *, customer: str = '', series: str = '', external_ref: str = '',
            total: int = 0, deadline: Optional[datetime] = ..., policy: OrderFlags = ...,
            lines: Sequence[LineArgs] = ..., adjustments: Sequence[AdjustmentArgs] = ...,
            payments: Sequence[PaymentArgs] = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[OrderView]: ...
    def amend(self, order: UUID, *, mask: AmendFlags = ..., total: int = 0,
            deadline: Optional[datetime] = ..., external_ref: str = '',
            changes: Sequence[LineChangeArgs] = ..., lines: Sequence[LineArgs] = ...,
            adjustments: Sequence[AdjustmentArgs] = ..., payments: Sequence[PaymentArgs] = ...,
            returns: Sequence[LineQuantityArgs] = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[OrderView]: ...
    def cancel(self, order: UUID, *, lines: Sequence[LineQuantityArgs] = ...,
            refunds: Sequence[PaymentAmountArgs] = ..., refund_mode: RefundMode = ...,
            unpaid: bool = False, final: bool = False, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[OrderView]: ...
    def fulfil(self, order: UUID, *, lines: Sequence[LineQuantityArgs] = ...,
            refunds: Sequence[PaymentAmountArgs] = ..., refund_mode: RefundMode = ...,
            unpaid: bool = False, final: bool = False, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[OrderView]: ...
    def return_(self, order: UUID, *, lines: Sequence[LineQuantityArgs] = ...,
            refunds: Sequence[PaymentAmountArgs] = ..., refund_mode: RefundMode = ...,
            unpaid: bool = False, final: bool = False, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[OrderView]: ...
    def get(self, order: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Awaitable[OrderView]: ...
    def peek(self, order: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Optional[OrderView]: ...
    def list(self, *, text: str = '', after: Optional[UUID] = ..., from_: Optional[datetime] = ...,
            until: Optional[datetime] = ..., by: OrderBy = ..., state: OrderState = ...,
            newest_first: bool = False, limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Pages[Order, OrderPage]: ...

class AsyncPayments:
    def add(self, order: UUID, payment: PaymentArgs, *, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[OrderView]: ...
    def capture(self, payment: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Payment]: ...
    def void(self, payment: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Payment]: ...
    def refund(self, payment: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Payment]: ...
    def report(self, provider: str, fact_ref: str, unit: str, *, payment: Optional[UUID] = ...,
            amount: int = 0, provider_time: Optional[datetime] = ..., kind: FactKind = ...,
            flags: ReportFlags = ..., reference: str = '', payment_ref: str = '',
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Fact]: ...
    def get(self, payment: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Awaitable[Payment]: ...
    def find(self, provider: str, provider_ref: str, *, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[Payment]: ...
    def list(self, *, order: Optional[UUID] = ..., after: Optional[UUID] = ..., provider: str = '',
            by: PaymentBy = ..., state: PaymentState = ..., newest_first: bool = False,
            limit: int = 100, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Pages[Payment, PaymentPage]: ...

class AsyncAttention:
    def list(self, *, subject: AttentionSubject = ..., limit: int = 100, after_account: Key = ...,
            after_id: Optional[UUID] = ..., after_provider: str = '', after_fact_ref: str = '',
            after_kind: FactKind = ..., id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Pages[Any, AttentionPage]: ...
    def clear(self, reason: str, *, subject: AttentionSubject = ..., bits: Attention = ...,
            account: Key = ..., id: Optional[UUID] = ..., provider: str = '', fact_ref: str = '',
            kind: FactKind = ..., op: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Awaitable[None]: ...

class AsyncEvents:
    def read(self, *, after_seq: int = 0, subject: Optional[UUID] = ..., type: int = 0,
            limit: int = 256, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Pages[Event, EventPage]: ...

class AsyncCursors:
    def put(self, consumer: str, *, seq: int = 0, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Awaitable[Cursor]: ...
    def get(self, consumer: str, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Awaitable[Cursor]: ...
    def list(self, *, after: str = '', limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Pages[Cursor, CursorPage]: ...
    def reset(self, consumer: str, *, seq: int = 0, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Awaitable[Cursor]: ...
    def remove(self, consumer: str, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Awaitable[Cursor]: ...

class AsyncTransactions:
    def submit(self, *, moves: Sequence[TxnMoveArgs] = ..., branches: Sequence[BranchArgs] = ...,
            deadline: Optional[datetime] = ..., kind: TxnKind = ..., wait: TxnWait = ...,
            wait_ms: int = 0, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[TxnView]: ...
    def begin(self, *, moves: Sequence[TxnMoveArgs] = ..., branches: Sequence[BranchArgs] = ...,
            deadline: Optional[datetime] = ..., kind: TxnKind = ..., wait: TxnWait = ...,
            wait_ms: int = 0, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[TxnView]: ...
    def branch(self, txn: UUID, branch: BranchArgs, *, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[TxnView]: ...
    def seal(self, txn: UUID, *, wait: TxnWait = ..., keep: bool = False, wait_ms: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[TxnView]: ...
    def abort(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[TxnView]: ...
    def get(self, txn: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Awaitable[TxnView]: ...
    def list(self, *, after: Optional[UUID] = ..., after_at: Optional[datetime] = ...,
            created_to: Optional[datetime] = ..., participant: str = '', which: TxnWhich = ...,
            state: TxnState = ..., limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Pages[Txn, TxnPage]: ...
    def history(self, txn: UUID, *, after_no: int = 0, limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Pages[Attempt, AttemptPage]: ...
    def retry_now(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[TxnView]: ...
    def park(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[TxnView]: ...
    def unpark(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[TxnView]: ...
    def resolve_branch(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[TxnView]: ...

class AsyncNodes:
    def list(self, *, after: str = '', role: str = '', limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Pages[NodeView, NodePage]: ...
    def drain(self, *, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[None]: ...

class AsyncUnits:
    def put(self, code: str, *, scale: int = 0, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Awaitable[Unit]: ...
    def list(self, *, after: str = '', limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Pages[Unit, UnitPage]: ...
    def get(self, code: str, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Awaitable[Unit]: ...

class AsyncFamilies:
    items: AsyncItems
    accounts: AsyncAccounts
    holds: AsyncHolds
    orders: AsyncOrders
    payments: AsyncPayments
    attention: AsyncAttention
    events: AsyncEvents
    cursors: AsyncCursors
    transactions: AsyncTransactions
    nodes: AsyncNodes
    units: AsyncUnits
    def __init__(self, do: Callable[..., Any], pages: Callable[..., Any],
                 peek: Callable[..., Any] = ...) -> None: ...
    def expect(self, subject: SubjectKind, *, state: int = 0, id: Optional[UUID] = ...,
            key: Key = ..., available_min: int = -9223372036854775808, op: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Awaitable[None]: ...
    def retention(self, *, before: Optional[datetime] = ..., limit: int = 256,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[RetentionResult]: ...
    def statement(self, account: Key, *, after_seq: int = 0, limit: int = 256, after_no: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Pages[Movement, StatementPage]: ...
    def erase(self, *, record: Optional[UUID] = ..., account: Key = ..., customer: str = '',
            replacement: str = '', by: EraseBy = ..., what: EraseFlags = ..., limit: int = 256,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Awaitable[EraseResult]: ...

class SyncItems:
    def put(self, key: Key, *, mode: PutMode = ..., mask: PutFlags = ..., opening: int = 0,
            min_balance: int = 0, min_available: int = 0, max_balance: int = 9223372036854775807,
            frozen: bool = False, overtake: bool = False, unit_scale: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Account: ...
    def receive(self, amount: int, *, from_: Key = ..., to: Key = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Account: ...
    def adjust(self, key: Key, *, mode: AdjustMode = ..., quantity: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Account: ...
    def get(self, key: Key, *, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Account: ...
    def peek(self, key: Key, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Optional[Account]: ...
    def list(self, *, after: Key = ..., kind: Kind = ..., limit: int = 100,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> SyncPages[Account, AccountPage]: ...

class SyncAccounts:
    def put(self, key: Key, *, mode: PutMode = ..., mask: PutFlags = ..., opening: int = 0,
            min_balance: int = 0, min_available: int = 0, max_balance: int = 9223372036854775807,
            frozen: bool = False, overtake: bool = False, unit_scale: int = -1,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Account: ...
    def deposit(self, amount: int, *, from_: Key = ..., to: Key = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Account: ...
    def withdraw(self, amount: int, *, from_: Key = ..., to: Key = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Account: ...
    def transfer(self, amount: int, *, from_: Key = ..., to: Key = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Account: ...
    def get(self, key: Key, *, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Account: ...
    def peek(self, key: Key, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Optional[Account]: ...
    def list(self, *, after: Key = ..., kind: Kind = ..., limit: int = 100,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> SyncPages[Account, AccountPage]: ...
    def adjust(self, key: Key, *, mode: AdjustMode = ..., quantity: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Account: ...

class SyncHolds:
    def place(self, amount: int, *, from_: Key = ..., to: Key = ...,
            deadline: Optional[datetime] = ..., id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Hold: ...
    def post(self, hold: UUID, *, post: int = 0, release: int = 0, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Hold: ...
    def release(self, hold: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Hold: ...
    def adjust(self, hold: UUID, *, grow: int = 0, deadline: Optional[datetime] = ...,
            set_deadline: bool = False, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Hold: ...
    def reverse(self, hold: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Hold: ...
    def get(self, hold: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Hold: ...

class SyncOrders:
    def place(self, currency: str, *, customer: str = '', series: str = '', external_ref: str = '',
            total: int = 0, deadline: Optional[datetime] = ..., policy: OrderFlags = ...,
            lines: Sequence[LineArgs] = ..., adjustments: Sequence[AdjustmentArgs] = ...,
            payments: Sequence[PaymentArgs] = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> OrderView: ...
    def amend(self, order: UUID, *, mask: AmendFlags = ..., total: int = 0,
            deadline: Optional[datetime] = ..., external_ref: str = '',
            changes: Sequence[LineChangeArgs] = ..., lines: Sequence[LineArgs] = ...,
            adjustments: Sequence[AdjustmentArgs] = ..., payments: Sequence[PaymentArgs] = ...,
            returns: Sequence[LineQuantityArgs] = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> OrderView: ...
    def cancel(self, order: UUID, *, lines: Sequence[LineQuantityArgs] = ...,
            refunds: Sequence[PaymentAmountArgs] = ..., refund_mode: RefundMode = ...,
            unpaid: bool = False, final: bool = False, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> OrderView: ...
    def fulfil(self, order: UUID, *, lines: Sequence[LineQuantityArgs] = ...,
            refunds: Sequence[PaymentAmountArgs] = ..., refund_mode: RefundMode = ...,
            unpaid: bool = False, final: bool = False, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> OrderView: ...
    def return_(self, order: UUID, *, lines: Sequence[LineQuantityArgs] = ...,
            refunds: Sequence[PaymentAmountArgs] = ..., refund_mode: RefundMode = ...,
            unpaid: bool = False, final: bool = False, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> OrderView: ...
    def get(self, order: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> OrderView: ...
    def peek(self, order: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Optional[OrderView]: ...
    def list(self, *, text: str = '', after: Optional[UUID] = ..., from_: Optional[datetime] = ...,
            until: Optional[datetime] = ..., by: OrderBy = ..., state: OrderState = ...,
            newest_first: bool = False, limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> SyncPages[Order, OrderPage]: ...

class SyncPayments:
    def add(self, order: UUID, payment: PaymentArgs, *, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> OrderView: ...
    def capture(self, payment: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Payment: ...
    def void(self, payment: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Payment: ...
    def refund(self, payment: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Payment: ...
    def report(self, provider: str, fact_ref: str, unit: str, *, payment: Optional[UUID] = ...,
            amount: int = 0, provider_time: Optional[datetime] = ..., kind: FactKind = ...,
            flags: ReportFlags = ..., reference: str = '', payment_ref: str = '',
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Fact: ...
    def get(self, payment: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Payment: ...
    def find(self, provider: str, provider_ref: str, *, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Payment: ...
    def list(self, *, order: Optional[UUID] = ..., after: Optional[UUID] = ..., provider: str = '',
            by: PaymentBy = ..., state: PaymentState = ..., newest_first: bool = False,
            limit: int = 100, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> SyncPages[Payment, PaymentPage]: ...

class SyncAttention:
    def list(self, *, subject: AttentionSubject = ..., limit: int = 100, after_account: Key = ...,
            after_id: Optional[UUID] = ..., after_provider: str = '', after_fact_ref: str = '',
            after_kind: FactKind = ..., id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> SyncPages[Any, AttentionPage]: ...
    def clear(self, reason: str, *, subject: AttentionSubject = ..., bits: Attention = ...,
            account: Key = ..., id: Optional[UUID] = ..., provider: str = '', fact_ref: str = '',
            kind: FactKind = ..., op: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> None: ...

class SyncEvents:
    def read(self, *, after_seq: int = 0, subject: Optional[UUID] = ..., type: int = 0,
            limit: int = 256, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> SyncPages[Event, EventPage]: ...

class SyncCursors:
    def put(self, consumer: str, *, seq: int = 0, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Cursor: ...
    def get(self, consumer: str, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Cursor: ...
    def list(self, *, after: str = '', limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> SyncPages[Cursor, CursorPage]: ...
    def reset(self, consumer: str, *, seq: int = 0, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Cursor: ...
    def remove(self, consumer: str, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Cursor: ...

class SyncTransactions:
    def submit(self, *, moves: Sequence[TxnMoveArgs] = ..., branches: Sequence[BranchArgs] = ...,
            deadline: Optional[datetime] = ..., kind: TxnKind = ..., wait: TxnWait = ...,
            wait_ms: int = 0, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> TxnView: ...
    def begin(self, *, moves: Sequence[TxnMoveArgs] = ..., branches: Sequence[BranchArgs] = ...,
            deadline: Optional[datetime] = ..., kind: TxnKind = ..., wait: TxnWait = ...,
            wait_ms: int = 0, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> TxnView: ...
    def branch(self, txn: UUID, branch: BranchArgs, *, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> TxnView: ...
    def seal(self, txn: UUID, *, wait: TxnWait = ..., keep: bool = False, wait_ms: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> TxnView: ...
    def abort(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> TxnView: ...
    def get(self, txn: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> TxnView: ...
    def list(self, *, after: Optional[UUID] = ..., after_at: Optional[datetime] = ...,
            created_to: Optional[datetime] = ..., participant: str = '', which: TxnWhich = ...,
            state: TxnState = ..., limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> SyncPages[Txn, TxnPage]: ...
    def history(self, txn: UUID, *, after_no: int = 0, limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> SyncPages[Attempt, AttemptPage]: ...
    def retry_now(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> TxnView: ...
    def park(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> TxnView: ...
    def unpark(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> TxnView: ...
    def resolve_branch(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> TxnView: ...

class SyncNodes:
    def list(self, *, after: str = '', role: str = '', limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> SyncPages[NodeView, NodePage]: ...
    def drain(self, *, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> None: ...

class SyncUnits:
    def put(self, code: str, *, scale: int = 0, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Unit: ...
    def list(self, *, after: str = '', limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> SyncPages[Unit, UnitPage]: ...
    def get(self, code: str, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Unit: ...

class SyncFamilies:
    items: SyncItems
    accounts: SyncAccounts
    holds: SyncHolds
    orders: SyncOrders
    payments: SyncPayments
    attention: SyncAttention
    events: SyncEvents
    cursors: SyncCursors
    transactions: SyncTransactions
    nodes: SyncNodes
    units: SyncUnits
    def __init__(self, do: Callable[..., Any], pages: Callable[..., Any],
                 peek: Callable[..., Any] = ...) -> None: ...
    def expect(self, subject: SubjectKind, *, state: int = 0, id: Optional[UUID] = ...,
            key: Key = ..., available_min: int = -9223372036854775808, op: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> None: ...
    def retention(self, *, before: Optional[datetime] = ..., limit: int = 256,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> RetentionResult: ...
    def statement(self, account: Key, *, after_seq: int = 0, limit: int = 256, after_no: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> SyncPages[Movement, StatementPage]: ...
    def erase(self, *, record: Optional[UUID] = ..., account: Key = ..., customer: str = '',
            replacement: str = '', by: EraseBy = ..., what: EraseFlags = ..., limit: int = 256,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> EraseResult: ...

class OpItems:
    def put(self, key: Key, *, mode: PutMode = ..., mask: PutFlags = ..., opening: int = 0,
            min_balance: int = 0, min_available: int = 0, max_balance: int = 9223372036854775807,
            frozen: bool = False, overtake: bool = False, unit_scale: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def receive(self, amount: int, *, from_: Key = ..., to: Key = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def adjust(self, key: Key, *, mode: AdjustMode = ..., quantity: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def get(self, key: Key, *, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def list(self, *, after: Key = ..., kind: Kind = ..., limit: int = 100,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...

class OpAccounts:
    def put(self, key: Key, *, mode: PutMode = ..., mask: PutFlags = ..., opening: int = 0,
            min_balance: int = 0, min_available: int = 0, max_balance: int = 9223372036854775807,
            frozen: bool = False, overtake: bool = False, unit_scale: int = -1,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def deposit(self, amount: int, *, from_: Key = ..., to: Key = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def withdraw(self, amount: int, *, from_: Key = ..., to: Key = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def transfer(self, amount: int, *, from_: Key = ..., to: Key = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def get(self, key: Key, *, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def list(self, *, after: Key = ..., kind: Kind = ..., limit: int = 100,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def adjust(self, key: Key, *, mode: AdjustMode = ..., quantity: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...

class OpHolds:
    def place(self, amount: int, *, from_: Key = ..., to: Key = ...,
            deadline: Optional[datetime] = ..., id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Op: ...
    def post(self, hold: UUID, *, post: int = 0, release: int = 0, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def release(self, hold: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def adjust(self, hold: UUID, *, grow: int = 0, deadline: Optional[datetime] = ...,
            set_deadline: bool = False, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Op: ...
    def reverse(self, hold: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def get(self, hold: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Op: ...

class OpOrders:
    def place(self, currency: str, *, customer: str = '', series: str = '', external_ref: str = '',
            total: int = 0, deadline: Optional[datetime] = ..., policy: OrderFlags = ...,
            lines: Sequence[LineArgs] = ..., adjustments: Sequence[AdjustmentArgs] = ...,
            payments: Sequence[PaymentArgs] = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def amend(self, order: UUID, *, mask: AmendFlags = ..., total: int = 0,
            deadline: Optional[datetime] = ..., external_ref: str = '',
            changes: Sequence[LineChangeArgs] = ..., lines: Sequence[LineArgs] = ...,
            adjustments: Sequence[AdjustmentArgs] = ..., payments: Sequence[PaymentArgs] = ...,
            returns: Sequence[LineQuantityArgs] = ..., id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def cancel(self, order: UUID, *, lines: Sequence[LineQuantityArgs] = ...,
            refunds: Sequence[PaymentAmountArgs] = ..., refund_mode: RefundMode = ...,
            unpaid: bool = False, final: bool = False, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def fulfil(self, order: UUID, *, lines: Sequence[LineQuantityArgs] = ...,
            refunds: Sequence[PaymentAmountArgs] = ..., refund_mode: RefundMode = ...,
            unpaid: bool = False, final: bool = False, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def return_(self, order: UUID, *, lines: Sequence[LineQuantityArgs] = ...,
            refunds: Sequence[PaymentAmountArgs] = ..., refund_mode: RefundMode = ...,
            unpaid: bool = False, final: bool = False, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def get(self, order: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Op: ...
    def list(self, *, text: str = '', after: Optional[UUID] = ..., from_: Optional[datetime] = ...,
            until: Optional[datetime] = ..., by: OrderBy = ..., state: OrderState = ...,
            newest_first: bool = False, limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...

class OpPayments:
    def add(self, order: UUID, payment: PaymentArgs, *, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def capture(self, payment: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def void(self, payment: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def refund(self, payment: UUID, *, amount: int = 9223372036854775807, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def report(self, provider: str, fact_ref: str, unit: str, *, payment: Optional[UUID] = ...,
            amount: int = 0, provider_time: Optional[datetime] = ..., kind: FactKind = ...,
            flags: ReportFlags = ..., reference: str = '', payment_ref: str = '',
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def get(self, payment: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Op: ...
    def find(self, provider: str, provider_ref: str, *, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def list(self, *, order: Optional[UUID] = ..., after: Optional[UUID] = ..., provider: str = '',
            by: PaymentBy = ..., state: PaymentState = ..., newest_first: bool = False,
            limit: int = 100, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...

class OpAttention:
    def list(self, *, subject: AttentionSubject = ..., limit: int = 100, after_account: Key = ...,
            after_id: Optional[UUID] = ..., after_provider: str = '', after_fact_ref: str = '',
            after_kind: FactKind = ..., id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Op: ...
    def clear(self, reason: str, *, subject: AttentionSubject = ..., bits: Attention = ...,
            account: Key = ..., id: Optional[UUID] = ..., provider: str = '', fact_ref: str = '',
            kind: FactKind = ..., op: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Op: ...

class OpEvents:
    def read(self, *, after_seq: int = 0, subject: Optional[UUID] = ..., type: int = 0,
            limit: int = 256, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...

class OpCursors:
    def put(self, consumer: str, *, seq: int = 0, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def get(self, consumer: str, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Op: ...
    def list(self, *, after: str = '', limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def reset(self, consumer: str, *, seq: int = 0, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def remove(self, consumer: str, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Op: ...

class OpTransactions:
    def submit(self, *, moves: Sequence[TxnMoveArgs] = ..., branches: Sequence[BranchArgs] = ...,
            deadline: Optional[datetime] = ..., kind: TxnKind = ..., wait: TxnWait = ...,
            wait_ms: int = 0, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def begin(self, *, moves: Sequence[TxnMoveArgs] = ..., branches: Sequence[BranchArgs] = ...,
            deadline: Optional[datetime] = ..., kind: TxnKind = ..., wait: TxnWait = ...,
            wait_ms: int = 0, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def branch(self, txn: UUID, branch: BranchArgs, *, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def seal(self, txn: UUID, *, wait: TxnWait = ..., keep: bool = False, wait_ms: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def abort(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def get(self, txn: UUID, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Op: ...
    def list(self, *, after: Optional[UUID] = ..., after_at: Optional[datetime] = ...,
            created_to: Optional[datetime] = ..., participant: str = '', which: TxnWhich = ...,
            state: TxnState = ..., limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def history(self, txn: UUID, *, after_no: int = 0, limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def retry_now(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def park(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def unpark(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def resolve_branch(self, txn: UUID, reason: str, *, branch: int = 0, answer: Answer = ...,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...

class OpNodes:
    def list(self, *, after: str = '', role: str = '', limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def drain(self, *, id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...

class OpUnits:
    def put(self, code: str, *, scale: int = 0, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Op: ...
    def list(self, *, after: str = '', limit: int = 100, id: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def get(self, code: str, *, id: Optional[UUID] = ..., expected_version: int = 0,
            actor: str = '', meta: bytes = b'') -> Op: ...

class OpFamilies:
    items: OpItems
    accounts: OpAccounts
    holds: OpHolds
    orders: OpOrders
    payments: OpPayments
    attention: OpAttention
    events: OpEvents
    cursors: OpCursors
    transactions: OpTransactions
    nodes: OpNodes
    units: OpUnits
    def __init__(self, do: Callable[..., Any], pages: Callable[..., Any],
                 peek: Callable[..., Any] = ...) -> None: ...
    def expect(self, subject: SubjectKind, *, state: int = 0, id: Optional[UUID] = ...,
            key: Key = ..., available_min: int = -9223372036854775808, op: Optional[UUID] = ...,
            expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
    def retention(self, *, before: Optional[datetime] = ..., limit: int = 256,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def statement(self, account: Key, *, after_seq: int = 0, limit: int = 256, after_no: int = 0,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...
    def erase(self, *, record: Optional[UUID] = ..., account: Key = ..., customer: str = '',
            replacement: str = '', by: EraseBy = ..., what: EraseFlags = ..., limit: int = 256,
            id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
            meta: bytes = b'') -> Op: ...

items: OpItems
accounts: OpAccounts
holds: OpHolds
orders: OpOrders
payments: OpPayments
attention: OpAttention
events: OpEvents
cursors: OpCursors
transactions: OpTransactions
nodes: OpNodes
units: OpUnits
def expect(subject: SubjectKind, *, state: int = 0, id: Optional[UUID] = ..., key: Key = ...,
        available_min: int = -9223372036854775808, op: Optional[UUID] = ...,
        expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
def retention(*, before: Optional[datetime] = ..., limit: int = 256, id: Optional[UUID] = ...,
        expected_version: int = 0, actor: str = '', meta: bytes = b'') -> Op: ...
def statement(account: Key, *, after_seq: int = 0, limit: int = 256, after_no: int = 0,
        id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
        meta: bytes = b'') -> Op: ...
def erase(*, record: Optional[UUID] = ..., account: Key = ..., customer: str = '',
        replacement: str = '', by: EraseBy = ..., what: EraseFlags = ..., limit: int = 256,
        id: Optional[UUID] = ..., expected_version: int = 0, actor: str = '',
        meta: bytes = b'') -> Op: ...

class ArgumentError(Misuse): ...
class AbiError(Misuse): ...
class TextMissingError(Misuse): ...
class TextLongError(Misuse): ...
class TextUtf8Error(Misuse): ...
class TextControlError(Misuse): ...
class IdError(Misuse): ...
class QuantityError(Misuse): ...
class AmountError(Misuse): ...
class OverflowError(Misuse): ...
class TooManyError(Misuse): ...
class TotalError(Misuse): ...
class EnumError(Misuse): ...
class CardNumberError(Misuse): ...
class SettleError(Misuse): ...
class ClosedError(Misuse): ...
class ForkedError(Misuse): ...
class ThreadError(Misuse): ...
class UrlError(Misuse): ...
class UnsupportedError(Misuse): ...
class ReqBusyError(Misuse): ...
class DeadlineError(Misuse): ...
class NestedError(Misuse): ...
class NotFoundError(Rejected): ...
class ExistsError(Rejected): ...
class IdReusedError(Rejected): ...
class IdTooOldError(Rejected): ...
class UnitUnknownError(Rejected): ...
class UnitScaleError(Rejected): ...
class CurrencyError(Rejected): ...
class StockShortError(Rejected): ...
class FundsShortError(Rejected): ...
class LimitShortError(Rejected): ...
class MaxBalanceError(Rejected): ...
class FrozenError(Rejected): ...
class AttentionError(Rejected): ...
class QueuedAheadError(Rejected): ...
class OrderStateError(Rejected): ...
class PaymentStateError(Rejected): ...
class HoldStateError(Rejected): ...
class ExpiredError(Rejected): ...
class VersionMovedError(Rejected): ...
class ExpectError(Rejected): ...
class ChainError(Rejected): ...
class OverPostError(Rejected): ...
class OverReverseError(Rejected): ...
class OverFulfilError(Rejected): ...
class OverCancelError(Rejected): ...
class OverReturnError(Rejected): ...
class OverCaptureError(Rejected): ...
class OverVoidError(Rejected): ...
class OverRefundError(Rejected): ...
class OverPaidError(Rejected): ...
class UnpaidError(Rejected): ...
class LineUnknownError(Rejected): ...
class CursorBackError(Rejected): ...
class TxnStateError(Rejected): ...
class TxnAbortedError(Rejected): ...
class PlaceUnknownError(Rejected): ...
class SeqAheadError(Rejected): ...
class OverloadedError(Retryable): ...
class NomemError(Retryable): ...
class CancelledError(Retryable): ...
class DegradedError(Retryable): ...
class NoSpaceError(Retryable): ...
class BusyError(Retryable): ...
class FencedError(Retryable): ...
class DrainingError(Retryable): ...
class NotCachedError(Retryable): ...
class UnknownError(Unknown): ...
class CorruptError(Fatal): ...
class SchemaError(Fatal): ...
class LockedError(Fatal): ...
class OpenTwiceError(Fatal): ...
class ReadOnlyError(Fatal): ...
class PathError(Fatal): ...
class IoError(Fatal): ...
class ClockError(Fatal): ...
class PoisonedError(Fatal): ...
class InvariantError(Fatal): ...

__all__ = ['AsyncFamilies', 'SyncFamilies', 'OpFamilies', 'leg', 'line', 'adjustment', 'payment',
           'line_change', 'line_quantity', 'payment_amount', 'txn_move', 'branch', 'Account',
           'AccountPage', 'Hold', 'OrderView', 'Order', 'OrderLine', 'Leg', 'OrderLeg',
           'Adjustment', 'Payment', 'OrderPage', 'Fact', 'PaymentPage', 'AttentionPage',
           'EventPage', 'Event', 'Cursor', 'RetentionResult', 'StatementPage', 'Movement',
           'TxnView', 'Txn', 'Branch', 'TxnPage', 'AttemptPage', 'Attempt', 'NodePage', 'NodeView',
           'Node', 'Unit', 'EraseResult', 'UnitPage', 'CursorPage', 'HealthInfo', 'VerifyResult',
           'Finding', 'Segment', 'Call', 'Change', 'MetricsInfo', 'Summary', 'OperationFigures',
           'CalleeFigures', 'Metric', 'CacheStat', 'LegArgs', 'LineArgs', 'AdjustmentArgs',
           'PaymentArgs', 'LineChangeArgs', 'LineQuantityArgs', 'PaymentAmountArgs', 'TxnMoveArgs',
           'BranchArgs', 'ArgumentError', 'AbiError', 'TextMissingError', 'TextLongError',
           'TextUtf8Error', 'TextControlError', 'IdError', 'QuantityError', 'AmountError',
           'OverflowError', 'TooManyError', 'TotalError', 'EnumError', 'CardNumberError',
           'SettleError', 'ClosedError', 'ForkedError', 'ThreadError', 'UrlError',
           'UnsupportedError', 'ReqBusyError', 'DeadlineError', 'NestedError', 'NotFoundError',
           'ExistsError', 'IdReusedError', 'IdTooOldError', 'UnitUnknownError', 'UnitScaleError',
           'CurrencyError', 'StockShortError', 'FundsShortError', 'LimitShortError',
           'MaxBalanceError', 'FrozenError', 'AttentionError', 'QueuedAheadError',
           'OrderStateError', 'PaymentStateError', 'HoldStateError', 'ExpiredError',
           'VersionMovedError', 'ExpectError', 'ChainError', 'OverPostError', 'OverReverseError',
           'OverFulfilError', 'OverCancelError', 'OverReturnError', 'OverCaptureError',
           'OverVoidError', 'OverRefundError', 'OverPaidError', 'UnpaidError', 'LineUnknownError',
           'CursorBackError', 'TxnStateError', 'TxnAbortedError', 'PlaceUnknownError',
           'SeqAheadError', 'OverloadedError', 'NomemError', 'CancelledError', 'DegradedError',
           'NoSpaceError', 'BusyError', 'FencedError', 'DrainingError', 'NotCachedError',
           'UnknownError', 'CorruptError', 'SchemaError', 'LockedError', 'OpenTwiceError',
           'ReadOnlyError', 'PathError', 'IoError', 'ClockError', 'PoisonedError', 'InvariantError',
           'items', 'accounts', 'holds', 'orders', 'payments', 'attention', 'events', 'cursors',
           'transactions', 'nodes', 'units', 'expect', 'retention', 'statement', 'erase']
