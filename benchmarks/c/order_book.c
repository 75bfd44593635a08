/* The continuous double auction in C: the same messages, queues and answers as the compiled kernel, as structs.
 *
 * A slot holds an order; it stands in three circular queues (tick, agent, expiry), whose heads follow the slots. Only the
 * messages that the benchmark sends are here: limit, post-only, modify, market, IOC, FOK, cancel, with a trade buffer that
 * is large enough.
 */
#include <stdint.h>
#include <stdlib.h>

typedef int64_t i64;
typedef uint64_t u64;

enum { LIMIT, POST_ONLY, MODIFY, MARKET, IOC, FOK, CANCEL };
enum { ACCEPTED, MALFORMED, BAD_SIZE, OUTSIDE_BAND, UNKNOWN_ORDER, NOT_OWNER, WOULD_CROSS, CANNOT_FILL, UNFILLED,
       BOOK_FULL, SELF_TRADE, EXPIRED, CANCELLED, MODIFIED };
enum { ALLOW, CANCEL_RESTING, CANCEL_INCOMING };
#define SLOT_BITS 24
#define LARGEST_LOTS ((1LL << 38) - 1)

typedef struct { i64 kind, side, tick, lots, agent, expiry, order, reference; } Order;
typedef struct { i64 message, side, tick, lots, agent, maker_agent, order, maker; } Trade;
typedef struct { i64 reason, filled, resting, number; } Report;
typedef struct { i64 next, previous; } Link;
typedef struct { i64 lots, orders; } Level;

typedef struct {
    Order *orders;
    Link *queue, *by_agent, *by_expiry;
    Level *levels;
    u64 *words, *summary;
    i64 ticks, slots, agents, horizon, rule, n_words, n_summary;
    i64 best_bid, best_ask, free, live, arrivals, step, last_tick, trades, volume;
} Book;

static void apart(Link *links, i64 n) {
    for (i64 i = 0; i < n; i++) links[i].next = links[i].previous = i;
}

static inline void join(Link *links, i64 head, i64 place) {
    i64 last = links[head].previous;
    links[place].next = head;
    links[place].previous = last;
    links[last].next = place;
    links[head].previous = place;
}

static inline void leave(Link *links, i64 place) {
    i64 after = links[place].next, before = links[place].previous;
    links[before].next = after;
    links[after].previous = before;
}

static inline void occupy(Book *b, i64 tick) {
    i64 word = tick >> 6;
    b->words[word] |= 1ULL << (tick & 63);
    b->summary[word >> 6] |= 1ULL << (word & 63);
}

static inline void vacate(Book *b, i64 tick) {
    i64 word = tick >> 6;
    if (!(b->words[word] &= ~(1ULL << (tick & 63)))) b->summary[word >> 6] &= ~(1ULL << (word & 63));
}

static inline i64 next_occupied(const Book *b, i64 tick) {
    i64 word = tick >> 6;
    if (word >= b->n_words) return -1;
    u64 found = b->words[word] & (~0ULL << (tick & 63));
    if (found) return (word << 6) + __builtin_ctzll(found);
    i64 upper = ++word >> 6;
    if (upper >= b->n_summary) return -1;
    found = b->summary[upper] & (~0ULL << (word & 63));
    while (!found) {
        if (++upper == b->n_summary) return -1;
        found = b->summary[upper];
    }
    word = (upper << 6) + __builtin_ctzll(found);
    return (word << 6) + __builtin_ctzll(b->words[word]);
}

static inline i64 previous_occupied(const Book *b, i64 tick) {
    if (tick < 0) return -1;
    i64 word = tick >> 6;
    u64 found = b->words[word] & (~0ULL >> (63 - (tick & 63)));
    if (found) return (word << 6) + 63 - __builtin_clzll(found);
    if (--word < 0) return -1;
    i64 upper = word >> 6;
    found = b->summary[upper] & (~0ULL >> (63 - (word & 63)));
    while (!found) {
        if (--upper < 0) return -1;
        found = b->summary[upper];
    }
    word = (upper << 6) + 63 - __builtin_clzll(found);
    return (word << 6) + 63 - __builtin_clzll(b->words[word]);
}

Book *open_book(i64 ticks, i64 room, i64 agents, i64 horizon, i64 rule) {
    Book *b = calloc(1, sizeof *b);
    i64 slots = room + 1;
    b->ticks = ticks, b->slots = slots, b->agents = agents, b->horizon = horizon, b->rule = rule;
    b->n_words = (ticks + 63) >> 6, b->n_summary = (b->n_words + 63) >> 6;
    b->orders = calloc(slots, sizeof(Order));
    b->levels = calloc(ticks, sizeof(Level));
    b->words = calloc(b->n_words, 8);
    b->summary = calloc(b->n_summary, 8);
    apart(b->queue = malloc((slots + ticks) * sizeof(Link)), slots + ticks);
    apart(b->by_agent = malloc((slots + agents) * sizeof(Link)), slots + agents);
    apart(b->by_expiry = malloc((slots + horizon) * sizeof(Link)), slots + horizon);
    for (i64 i = 0; i < slots; i++) b->queue[i].next = i + 1;
    b->best_bid = b->last_tick = -1;
    b->best_ask = ticks;
    return b;
}

void close_book(Book *b) {
    free(b->orders), free(b->levels), free(b->words), free(b->summary);
    free(b->queue), free(b->by_agent), free(b->by_expiry), free(b);
}

static inline i64 opposite_best(const Book *b, i64 side) { return side < 0 ? b->best_bid : b->best_ask; }

static inline void rest(Book *b, i64 slot) {
    Order *o = b->orders + slot;
    join(b->queue, b->slots + o->tick, slot);
    join(b->by_agent, b->slots + o->agent, slot);
    b->by_expiry[slot].next = b->by_expiry[slot].previous = slot;
    if (o->expiry > 0) join(b->by_expiry, b->slots + o->expiry % b->horizon, slot);
    b->live++;
    Level *level = b->levels + o->tick;
    level->lots += o->lots;
    if (++level->orders == 1) {
        occupy(b, o->tick);
        if (o->side < 0) { if (o->tick < b->best_ask) b->best_ask = o->tick; }
        else if (o->tick > b->best_bid) b->best_bid = o->tick;
    }
}

static inline void free_slot(Book *b, i64 slot) {
    b->orders[slot].order = 0;
    b->queue[slot].next = b->free;
    b->free = slot;
}

static inline void drop(Book *b, i64 slot) {
    i64 tick = b->orders[slot].tick;
    leave(b->queue, slot);
    leave(b->by_agent, slot);
    leave(b->by_expiry, slot);
    b->live--;
    b->levels[tick].lots -= b->orders[slot].lots;
    if (--b->levels[tick].orders == 0) {
        vacate(b, tick);
        if (tick == b->best_bid) b->best_bid = previous_occupied(b, tick);
        else if (tick == b->best_ask) {
            i64 ask = next_occupied(b, tick);
            b->best_ask = ask < 0 ? b->ticks : ask;
        }
    }
    free_slot(b, slot);
}

static int can_fill(const Book *b, const Order *m) {
    i64 tick = opposite_best(b, m->side), left = m->lots;
    while (left > 0 && tick >= 0 && tick < b->ticks && m->side * (m->tick - tick) >= 0) {
        for (i64 slot = b->queue[b->slots + tick].next; slot < b->slots && left > 0; slot = b->queue[slot].next) {
            int own = b->rule != ALLOW && b->orders[slot].agent == m->agent;
            if (own && b->rule == CANCEL_INCOMING) return 0;
            if (!own) left -= b->orders[slot].lots;
        }
        tick = m->side > 0 ? next_occupied(b, tick + 1) : previous_occupied(b, tick - 1);
    }
    return left <= 0;
}

static inline i64 refusal(const Book *b, const Order *m) {
    if (m->kind < 0 || (m->side != 1 && m->side != -1) || m->agent < 0 || m->agent >= b->agents) return MALFORMED;
    if (m->lots < 1 || m->lots > LARGEST_LOTS) return BAD_SIZE;
    if (m->kind != MARKET && (m->tick < 0 || m->tick >= b->ticks)) return OUTSIDE_BAND;
    if (m->expiry > 0 && m->expiry <= b->step) return EXPIRED;
    if (m->kind == POST_ONLY && m->side * (m->tick - opposite_best(b, m->side)) >= 0) return WOULD_CROSS;
    if (m->kind == FOK && !can_fill(b, m)) return CANNOT_FILL;
    return ACCEPTED;
}

static inline i64 owned(const Book *b, const Order *m, i64 *reason) {
    i64 slot = m->order & ((1 << SLOT_BITS) - 1);
    if (m->order <= 0 || slot >= b->slots || b->orders[slot].order != m->order) return *reason = UNKNOWN_ORDER, -1;
    *reason = b->orders[slot].agent == m->agent ? ACCEPTED : NOT_OWNER;
    return slot;
}

static inline void note(const Book *b, i64 slot, Order *removed, i64 *n_removed, i64 reason) {
    removed[*n_removed] = b->orders[slot];
    removed[(*n_removed)++].kind = reason;
}

static inline i64 change(Book *b, const Order *m, Report *report, Order *removed, i64 *n_removed) {
    i64 reason, slot = owned(b, m, &reason);
    if (reason == ACCEPTED && (m->lots < 1 || m->lots > LARGEST_LOTS)) reason = BAD_SIZE;
    if (reason == ACCEPTED && (m->tick < 0 || m->tick >= b->ticks)) reason = OUTSIDE_BAND;
    if (reason != ACCEPTED) { *report = (Report){reason, 0, 0, m->order}; return -1; }
    Order *o = b->orders + slot;
    note(b, slot, removed, n_removed, MODIFIED);
    if (m->tick == o->tick && m->lots <= o->lots) {
        b->levels[o->tick].lots -= o->lots - m->lots;
        o->lots = m->lots;
        *report = (Report){ACCEPTED, 0, m->lots, m->order};
        return -1;
    }
    drop(b, slot);
    b->free = b->queue[slot].next;
    o->kind = MODIFY, o->tick = m->tick, o->lots = m->lots, o->order = m->order;
    return slot;
}

static inline i64 enter(Book *b, const Order *m) {
    i64 slot = b->free;
    b->free = b->queue[slot].next;
    b->orders[slot] = *m;
    b->orders[slot].order = ++b->arrivals << SLOT_BITS | slot;
    if (m->kind == MARKET) b->orders[slot].tick = m->side < 0 ? 0 : b->ticks - 1;
    return slot;
}

static inline i64 sweep(Book *b, i64 slot, i64 row, Trade *trades, i64 *n_trades, Order *removed, i64 *n_removed) {
    Order *o = b->orders + slot;
    i64 side = o->side, limit = o->tick, left = o->lots, before = *n_trades, stop = ACCEPTED;
    i64 tick = opposite_best(b, side);
    while (left > 0 && side * (limit - tick) >= 0) {
        i64 maker = b->queue[b->slots + tick].next;
        Order *m = b->orders + maker;
        if (b->rule != ALLOW && m->agent == o->agent) {
            if (b->rule == CANCEL_INCOMING) { stop = SELF_TRADE; break; }
            note(b, maker, removed, n_removed, SELF_TRADE);
            drop(b, maker);
            tick = opposite_best(b, side);
            continue;
        }
        i64 lots = left < m->lots ? left : m->lots;
        trades[(*n_trades)++] = (Trade){row, side, tick, lots, o->agent, m->agent, o->order, m->order};
        left -= lots;
        if (lots == m->lots) {
            drop(b, maker);
            tick = opposite_best(b, side);
        } else {
            m->lots -= lots;
            b->levels[tick].lots -= lots;
        }
    }
    if (*n_trades > before) {
        b->trades += *n_trades - before;
        b->volume += o->lots - left;
        b->last_tick = trades[*n_trades - 1].tick;
        o->lots = left;
    }
    return stop;
}

static inline void finish(Book *b, i64 slot, const Order *m, Report *report, i64 reason) {
    i64 left = b->orders[slot].lots, number = b->orders[slot].order, filled = m->lots - left;
    if (left > 0 && reason == ACCEPTED) {
        if (m->kind > MODIFY) reason = UNFILLED;
        else if (b->live == b->slots - 1) reason = BOOK_FULL;
    }
    if (left > 0 && reason == ACCEPTED) rest(b, slot);
    else left = 0, free_slot(b, slot);
    *report = (Report){reason, filled, left, number};
}

void submit(Book *b, const Order *messages, i64 n, Report *reports, Trade *trades, Order *removed, i64 *counts) {
    i64 n_trades = 0, n_removed = 0;
    for (i64 row = 0; row < n; row++) {
        const Order *m = messages + row;
        i64 slot, reason;
        if (m->kind == CANCEL) {
            slot = owned(b, m, &reason);
            if (reason == ACCEPTED) {
                note(b, slot, removed, &n_removed, CANCELLED);
                drop(b, slot);
            }
            reports[row] = (Report){reason, 0, 0, m->order};
        } else {
            if (m->kind == MODIFY) slot = change(b, m, reports + row, removed, &n_removed);
            else if ((reason = refusal(b, m)) != ACCEPTED) reports[row] = (Report){reason, 0, 0, 0}, slot = -1;
            else slot = enter(b, m);
            if (slot < 0) continue;
            finish(b, slot, m, reports + row, sweep(b, slot, row, trades, &n_trades, removed, &n_removed));
        }
    }
    counts[0] = n_trades, counts[1] = n_removed;
}

#define FEE_UNIT 1000000

i64 settle(const Trade *trades, i64 n, i64 origin, i64 tick_value, i64 lot_size, i64 fee, i64 *cash, i64 *tokens) {
    i64 fees = 0;
    for (i64 row = 0; row < n; row++) {
        const Trade *t = trades + row;
        i64 value = t->lots * (origin + t->tick) * tick_value, charged = 0;
        if (fee > 0) charged = value / FEE_UNIT * fee + (value % FEE_UNIT * fee + FEE_UNIT - 1) / FEE_UNIT;
        cash[t->agent] -= t->side * value + charged;
        cash[t->maker_agent] += t->side * value;
        tokens[t->agent] += t->side * t->lots * lot_size;
        tokens[t->maker_agent] -= t->side * t->lots * lot_size;
        fees += charged;
    }
    return fees;
}
