/*
 * txn.pml - one TCC transaction with two participants and engines that replace each other, for
 * Spin.
 *
 * What is durable: the lease's epoch, the transaction's row, and each participant's database. What
 * is lost in a crash: all that a coordinator knows, a write under way included. Messages come late,
 * in any order, twice or never. A second engine takes the lease over while the first is alive, has
 * messages in the network and a write under way.
 *
 * Names here                                 names in the library (include/holdfast)
 *   NONE TRYING CONFIRMING CONFIRMED           HF_TXN_*     `state` of the row, txn.h; the moves
 *   CANCELLING CANCELLED                       between them: lib/domain/txn/state.h
 *   TRYING TRIED REFUSED CONFIRMING CONFIRMED  HF_BRANCH_*  `branch` of the row, txn.h; WAITING is
 *   CANCELLING CANCELLED                       left out: both branches are in one group
 *   NONE TRIED CONFIRMED CANCELLED             HF_BARRIER_* `row` of the participant,
 *   NULL_CANCELLED                             participant.h (hf_barrier_decide)
 *   lease                                      the epoch of the shard's lease, lib/domain/txn/txn.h
 *   epoch                                      hf__draft.epoch of one engine
 *   held                                       an OK that hf__txn_may_wait keeps in memory
 *   pending, next                              HF_EVENT_DRIVE on its way to the store
 *
 * Checked in every reachable state:
 *   - never one participant confirmed and the other cancelled; nothing is confirmed twice;
 *   - a decision never changes;
 *   - CONFIRMED means that both have confirmed, CANCELLED that neither holds or has anything;
 * and where nothing can happen any more: the transaction has ended and no reservation is left.
 * Every step either uses up a fault of the budget or leads forward, so there is no cycle (`pan -l`
 * proves it): after the faults every run reaches that end.
 *
 * Each of these takes one rule away, and must then break a property:
 *   NO_FENCE    writes do not look at the lease
 *   NO_BARRIER  participants keep no row of what they did
 *   NO_LOG      the decision is sent out before it is durable
 *   NO_REFUSAL  a participant that refuses a try does not record that
 *   OLD_ANSWERS one engine has the lease twice, another one in between; what answers its first calls
 *               it believes at the second time
 *   REDECIDE    decisions are not looked at, only what they lead to; with NO_FENCE
 *   ENDLESS     faults never stop
 *   ONLY        CONFIRMED or CANCELLED: claims that every run ends so; both ends must be reached
 */
#ifndef FAULTS
#define FAULTS 2    /* messages lost or doubled */
#endif
#ifndef CRASHES
#define CRASHES 1   /* of a coordinator */
#endif
#ifndef TAKEOVERS
#define TAKEOVERS 1 /* of the lease of a coordinator that is alive */
#endif
#ifdef ENDLESS
#define FAULT skip
#else
#define FAULT faults--
#endif
#define EPOCHS (1 + CRASHES + TAKEOVERS)

mtype = {
    NONE, TRYING, TRIED, REFUSED, CONFIRMING, CONFIRMED, CANCELLING, CANCELLED, NULL_CANCELLED
};

/* ---- The store of the coordinators ---- */

typedef record {
    mtype state;
    mtype branch[2];
};

record stored;         /* the row of the transaction */
byte lease;            /* epoch of the last engine that took the shard */
bool owner_alive;      /* it has not crashed since; what the lease's expiry tells */
byte faults = FAULTS;
byte crashes = CRASHES;
byte takeovers = TAKEOVERS;

inline copy(to, from)
{
    to.state = from.state;
    to.branch[0] = from.branch[0];
    to.branch[1] = from.branch[1]
}

#define FORWARD(s) ((s) == CONFIRMING || (s) == CONFIRMED)
#define BACK(s)    ((s) == CANCELLING || (s) == CANCELLED)

#ifdef NO_FENCE
#define FENCE(epoch) true
#else
#define FENCE(epoch) (lease == epoch)
#endif

/* ---- The network: for each participant and epoch a set of requests and a set of answers ---- */

#define TRY     1
#define CONFIRM 2
#define CANCEL  4

#define TRY_OK     1
#define TRY_NO     2
#define CONFIRM_OK 4
#define CANCEL_OK  8
#define STALE      16 /* a confirm or cancel was refused */

byte requests[2 * (EPOCHS + 1)];
byte answers[2 * (EPOCHS + 1)];

#define AT(b, e)           ((b) * (EPOCHS + 1) + (e))
#define REQUESTED(b, e, m) ((requests[AT(b, e)] & (m)) != 0)
#define ANSWERED(b, e, m)  ((answers[AT(b, e)] & (m)) != 0)

#define PUT(set, b, e, m)  set[AT(b, e)] = set[AT(b, e)] | (m)
#define TAKE(set, b, e, m) set[AT(b, e)] = set[AT(b, e)] & (31 - (m))

/* ---- Participants ---- */

typedef database {
    mtype row;     /* the barrier's */
    byte epoch;    /* of the engine whose call changed the row last */
    bool reserved;
    byte applied;  /* how often the work was done for good */
};

database db[2];

#define UNDONE(b) (db[b].row == CANCELLED || db[b].row == NULL_CANCELLED)

inline check_agreement()
{
    assert(!(db[0].row == CONFIRMED && UNDONE(1)));
    assert(!(db[1].row == CONFIRMED && UNDONE(0)));
    assert(db[0].applied <= 1 && db[1].applied <= 1);
    assert(stored.state != CONFIRMED || (db[0].applied == 1 && db[1].applied == 1));
    assert(stored.state != CANCELLED || (db[0].applied == 0 && db[1].applied == 0));
    assert(stored.state != CANCELLED || (!db[0].reserved && !db[1].reserved))
}

#ifdef NO_BARRIER
#define IN(b, state) true
#define DUPLICATE(b, state) false
#define OUTDATED(b, e) false
#else
#define IN(b, state) (db[b].row == state)
#define DUPLICATE(b, state) (db[b].row == state)
#define OUTDATED(b, e) ((e) < db[b].epoch)
#endif

/* Reserves, or refuses and remembers that: a copy of this request may be on its way. */
inline do_try(b, e, unwilling)
{
    if
    :: OUTDATED(b, e) -> PUT(answers, b, e, TRY_NO)
    :: !OUTDATED(b, e) && IN(b, NONE) && unwilling ->
#ifndef NO_REFUSAL
        db[b].row = NULL_CANCELLED;
        db[b].epoch = e;
#endif
        PUT(answers, b, e, TRY_NO)
    :: !OUTDATED(b, e) && IN(b, NONE) && !unwilling ->
        db[b].row = TRIED;
        db[b].epoch = e;
        db[b].reserved = true;
        PUT(answers, b, e, TRY_OK)
    :: !OUTDATED(b, e) && (DUPLICATE(b, TRIED) || DUPLICATE(b, CONFIRMED)) ->
        PUT(answers, b, e, TRY_OK)
    :: !OUTDATED(b, e) && (DUPLICATE(b, CANCELLED) || DUPLICATE(b, NULL_CANCELLED)) ->
        PUT(answers, b, e, TRY_NO)
    fi
}

inline do_confirm(b, e)
{
    if
    :: OUTDATED(b, e) -> PUT(answers, b, e, STALE)
    :: !OUTDATED(b, e) && IN(b, TRIED) ->
        db[b].row = CONFIRMED;
        db[b].epoch = e;
        db[b].reserved = false;
        db[b].applied++;
        PUT(answers, b, e, CONFIRM_OK)
    :: !OUTDATED(b, e) && DUPLICATE(b, CONFIRMED) -> PUT(answers, b, e, CONFIRM_OK)
    :: !OUTDATED(b, e) && (DUPLICATE(b, NONE) || UNDONE(b)) -> assert(false)
    fi
}

inline do_cancel(b, e)
{
    if
    :: OUTDATED(b, e) -> PUT(answers, b, e, STALE)
    :: !OUTDATED(b, e) && IN(b, TRIED) ->
        db[b].row = CANCELLED;
        db[b].epoch = e;
        db[b].reserved = false;
        PUT(answers, b, e, CANCEL_OK)
    :: !OUTDATED(b, e) && DUPLICATE(b, NONE) ->
        db[b].row = NULL_CANCELLED;
        db[b].epoch = e;
        PUT(answers, b, e, CANCEL_OK)
    :: !OUTDATED(b, e) && (DUPLICATE(b, CANCELLED) || DUPLICATE(b, NULL_CANCELLED)) ->
        PUT(answers, b, e, CANCEL_OK)
    :: !OUTDATED(b, e) && DUPLICATE(b, CONFIRMED) -> assert(false)
    fi
}

inline serve(b, e, m, unwilling)
{
    if
    :: m == TRY -> do_try(b, e, unwilling)
    :: m == CONFIRM -> do_confirm(b, e)
    :: m == CANCEL -> do_cancel(b, e)
    fi;
    check_agreement()
}

/* A request is served, served with a copy left behind, or lost. */
#define DELIVERY(m, unwilling) \
    :: d_step { REQUESTED(b, e, m) -> TAKE(requests, b, e, m); serve(b, e, m, unwilling) } \
    :: d_step { REQUESTED(b, e, m) && faults > 0 -> FAULT; serve(b, e, m, unwilling) }
#define LOSS(m) \
    :: d_step { REQUESTED(b, e, m) && faults > 0 -> FAULT; TAKE(requests, b, e, m) }
#define CAN_REFUSE(b) (db[b].row == NONE && !db[b].reserved)

/* The requests of one engine to one participant, and the way back of their answers. */
proctype Wire(byte b; byte e)
{
end:
    do
    DELIVERY(TRY, false)
    :: d_step {
        REQUESTED(b, e, TRY) && CAN_REFUSE(b) ->
        TAKE(requests, b, e, TRY);
        serve(b, e, TRY, true)
    }
    :: d_step {
        REQUESTED(b, e, TRY) && CAN_REFUSE(b) && faults > 0 -> FAULT; serve(b, e, TRY, true)
    }
    DELIVERY(CONFIRM, false)
    DELIVERY(CANCEL, false)
    LOSS(TRY) LOSS(CONFIRM) LOSS(CANCEL)
    :: d_step { answers[AT(b, e)] != 0 && faults > 0 -> FAULT; answers[AT(b, e)] = 0 }
    od
}

/* ---- Coordinators: one engine for each epoch, from taking the lease to its end ---- */

/* What a branch needs in a row; 0: no call (hf__txn_next_call). */
#define PHASE(r, b) \
    (r.branch[b] == TRYING -> TRY : \
    (r.branch[b] == CONFIRMING -> CONFIRM : \
    (r.branch[b] == CANCELLING -> CANCEL : 0)))

#ifdef NO_LOG
#define NEEDS(b) (pending -> PHASE(next, b) : PHASE(mine, b))
#else
#define NEEDS(b) PHASE(mine, b)
#endif

/*
 * A call is made when none is under way that may still be answered. So a call is repeated when the
 * request or the answer is lost; one repeated too early is a copy left behind in the network.
 */
#define IDLE(b) (NEEDS(b) != 0 && !held[b] && \
                 !REQUESTED(b, epoch, NEEDS(b)) && answers[AT(b, epoch)] == 0)

#define GOT(b) (mine.branch[b] == TRIED || held[b])

#define OVER(state) ((state) == CANCELLED || (state) == REFUSED)

/* All that is in memory is gone; answers find nobody. */
inline stop()
{
    running = false;
    pending = false;
    held[0] = false;
    held[1] = false;
#ifndef OLD_ANSWERS
    answers[AT(0, epoch)] = 0;
    answers[AT(1, epoch)] = 0;
#endif
    mine.state = NONE;
    mine.branch[0] = NONE;
    mine.branch[1] = NONE;
    copy(next, mine)
}

inline write() { pending = true }

/*
 * The lease is looked at in the same step of the store that writes. What is written was made from
 * the engine's own copy of the row.
 */
inline commit()
{
    if
#ifndef NO_FENCE
    :: lease != epoch -> stop()
#endif
    :: FENCE(epoch) ->
#ifndef REDECIDE
        assert(!FORWARD(stored.state) || FORWARD(next.state));
        assert(!BACK(stored.state) || BACK(next.state));
#endif
        held[0] = held[0] && next.branch[0] == TRYING;
        held[1] = held[1] && next.branch[1] == TRYING;
        copy(stored, next);
        copy(mine, next);
        pending = false;
        check_agreement()
    fi
}

/* Back: what may have been tried must be cancelled; a branch that refused has nothing. */
inline decide_cancel(b, refused)
{
    copy(next, mine);
    next.state = CANCELLING;
    next.branch[b] = (refused -> REFUSED : CANCELLING);
    next.branch[1 - b] = CANCELLING;
    write()
}

inline decide_confirm()
{
    next.state = CONFIRMING;
    next.branch[0] = CONFIRMING;
    next.branch[1] = CONFIRMING;
    write()
}

/* A branch has answered to confirm or cancel; with the last the transaction ends, in one commit. */
inline end_branch(b, how)
{
    copy(next, mine);
    next.branch[b] = how;
    if
    :: next.branch[0] == CONFIRMED && next.branch[1] == CONFIRMED -> next.state = CONFIRMED
    :: OVER(next.branch[0]) && OVER(next.branch[1]) -> next.state = CANCELLED
    :: else
    fi;
    write()
}

#ifdef OLD_ANSWERS
#define EARLIER (epoch > 2 -> epoch - 2 : epoch)
#define HEARD(b, m) (ANSWERED(b, epoch, m) || ANSWERED(b, EARLIER, m))
#else
#define EARLIER epoch
#define HEARD(b, m) ANSWERED(b, epoch, m)
#endif

/* Answers that do not fit the branch's state are ignored. */
inline receive(b, m)
{
    TAKE(answers, b, EARLIER, m);
    TAKE(answers, b, epoch, m);
    if
    :: m == TRY_OK && mine.branch[b] == TRYING -> held[b] = true
    :: m == TRY_NO && mine.branch[b] == TRYING -> decide_cancel(b, true)
    :: m == CONFIRM_OK && mine.branch[b] == CONFIRMING -> end_branch(b, CONFIRMED)
    :: m == CANCEL_OK && mine.branch[b] == CANCELLING -> end_branch(b, CANCELLED)
    :: m == STALE -> copy(next, mine); write() /* an attempt for the history */
    :: else
    fi
}

#define ANSWER(b, m) \
    :: d_step { running && !pending && HEARD(b, m) -> receive(b, m) }

#define BRANCH(b) \
    :: d_step { running && IDLE(b) -> PUT(requests, b, epoch, NEEDS(b)) } \
    :: d_step { !pending && held[b] && !GOT(1 - b) -> \
        copy(next, mine); next.branch[b] = TRIED; write() } \
    ANSWER(b, TRY_OK) ANSWER(b, TRY_NO) ANSWER(b, CONFIRM_OK) ANSWER(b, CANCEL_OK) ANSWER(b, STALE)

proctype Engine(byte epoch)
{
    bool running;
    record mine;  /* the row as this engine knows it */
    record next;  /* the row that it is writing */
    bool pending; /* the write is on its way */
    bool held[2]; /* the branch's OK to a try */

    /* opens, or takes over; reading later is the same, because nobody else can write any more */
end:
    d_step {
        lease == epoch - 1 && (!owner_alive || takeovers > 0) ->
        takeovers = (owner_alive -> takeovers - 1 : takeovers);
        lease = epoch;
        owner_alive = true;
        running = true;
        copy(mine, stored);
        copy(next, stored)
    };
end_run:
    do
    :: d_step {
        running && crashes > 0 ->
        crashes--;
        owner_alive = owner_alive && lease != epoch;
        stop()
    }
    /* the caller submits it until it is accepted */
    :: d_step {
        running && !pending && mine.state == NONE ->
        next.state = TRYING;
        next.branch[0] = TRYING;
        next.branch[1] = TRYING;
        write()
    }
    :: d_step { pending -> commit() }
    :: d_step { !pending && mine.state == TRYING && GOT(0) && GOT(1) -> decide_confirm() }
    :: d_step { !pending && mine.state == TRYING -> decide_cancel(0, false) } /* the deadline */
    BRANCH(0)
    BRANCH(1)
    od
}

/* ---- The end ---- */

init {
    byte e;
    atomic {
        stored.state = NONE;
        stored.branch[0] = NONE;
        stored.branch[1] = NONE;
        db[0].row = NONE;
        db[1].row = NONE;
        for (e : 1 .. EPOCHS) {
            run Engine(e);
            run Wire(0, e);
            run Wire(1, e)
        }
    }
    timeout;
    assert(stored.state == CONFIRMED || stored.state == CANCELLED);
#ifdef ONLY
    assert(stored.state == ONLY);
#endif
    assert(!db[0].reserved && !db[1].reserved);
    check_agreement()
}
