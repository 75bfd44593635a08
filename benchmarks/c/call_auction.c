/* The uniform-price call auction in C: the same bins, price rule and fills, by time at the margin, as the compiled kernel.
 */
#include <stdint.h>
#include <string.h>

typedef int64_t i64;
typedef uint64_t u64;

enum { LIMIT = 0, MARKET = 3 };
enum { ACCEPTED = 0, MALFORMED = 1, BAD_SIZE = 2, OUTSIDE_BAND = 3, UNFILLED = 8 };
#define LARGEST_LOTS ((1LL << 38) - 1)

typedef struct { i64 kind, side, tick, lots, agent, expiry, order, reference; } Order;
typedef struct { i64 reason, filled, resting, number; } Report;
typedef struct { i64 bid, offered; } Bin;
typedef struct { i64 ticks; Bin *bins; u64 *words, *summary; } Auction;
typedef struct { i64 number, volume, surplus; } Outcome;

static inline i64 refusal(const Order *m, i64 ticks) {
    if ((m->kind != LIMIT && m->kind != MARKET) || (m->side != 1 && m->side != -1) || m->agent < 0) return MALFORMED;
    if (m->lots < 1 || m->lots > LARGEST_LOTS) return BAD_SIZE;
    return m->kind == LIMIT && (m->tick < 0 || m->tick >= ticks) ? OUTSIDE_BAND : ACCEPTED;
}

static inline i64 bin_of(const Order *m, i64 ticks) {
    return m->kind == LIMIT ? m->tick + 1 : m->side < 0 ? 0 : ticks + 1;
}

static inline i64 next_occupied(const Auction *a, i64 number) {
    i64 word = number >> 6, n_words = (a->ticks + 65) >> 6, n_summary = (n_words + 63) >> 6;
    if (word >= n_words) return -1;
    u64 found = a->words[word] & (~0ULL << (number & 63));
    if (found) return (word << 6) + __builtin_ctzll(found);
    i64 upper = ++word >> 6;
    if (upper >= n_summary) return -1;
    found = a->summary[upper] & (~0ULL << (word & 63));
    while (!found) {
        if (++upper == n_summary) return -1;
        found = a->summary[upper];
    }
    word = (upper << 6) + __builtin_ctzll(found);
    return (word << 6) + __builtin_ctzll(a->words[word]);
}

static inline i64 magnitude(i64 x) { return x < 0 ? -x : x; }

static inline Outcome better(Outcome best, i64 first, i64 last, i64 demand, i64 supply, i64 reference) {
    i64 traded = demand < supply ? demand : supply;
    if (traded < best.volume || traded == 0) return best;
    i64 nearest = reference < first ? first : reference > last ? last : reference;
    if (traded == best.volume) {
        i64 worse = magnitude(demand - supply) - magnitude(best.surplus);
        if (worse > 0 || (worse == 0 && magnitude(nearest - reference) >= magnitude(best.number - reference))) return best;
    }
    return (Outcome){nearest, traded, demand - supply};
}

void clear(Auction *a, const Order *messages, i64 n, i64 reference, Report *reports, Outcome *outcome) {
    i64 ticks = a->ticks, demand = 0;
    int sparse = n * 4 < ticks;
    for (i64 row = 0; row < n; row++) {
        const Order *m = messages + row;
        if (refusal(m, ticks) != ACCEPTED) continue;
        i64 number = bin_of(m, ticks), word = number >> 6;
        *(m->side < 0 ? &a->bins[number].offered : &a->bins[number].bid) += m->lots;
        demand += m->side < 0 ? 0 : m->lots;
        if (sparse) {
            a->words[word] |= 1ULL << (number & 63);
            a->summary[word >> 6] |= 1ULL << (word & 63);
        }
    }
    Outcome best = {-1, 0, 0};
    i64 supply = a->bins[0].offered;
    for (i64 lowest = 1, number; lowest <= ticks && demand >= best.volume; lowest = number + 1) {
        number = sparse ? next_occupied(a, lowest) : lowest;
        if (number < 0 || number > ticks) number = ticks + 1;
        if (number > lowest) best = better(best, lowest, number - 1, demand, supply, reference + 1);
        if (number <= ticks) {
            supply += a->bins[number].offered;
            best = better(best, number, number, demand, supply, reference + 1);
            demand -= a->bins[number].bid;
        }
    }
    i64 bids_beyond = best.number - 1, offers_beyond = best.number + 1, left = 0, number = best.number;
    i64 left_out = magnitude(best.surplus);
    if (best.volume == 0) bids_beyond = ticks + 1, offers_beyond = 0;
    else if (best.surplus > 0) {
        while (left_out >= a->bins[number].bid) left_out -= a->bins[number++].bid;
        bids_beyond = number, left = a->bins[number].bid - left_out;
    } else if (best.surplus < 0) {
        while (left_out >= a->bins[number].offered) left_out -= a->bins[number--].offered;
        offers_beyond = number, left = a->bins[number].offered - left_out;
    }
    i64 long_side = best.surplus > 0 ? 1 : best.surplus < 0 ? -1 : 0;
    for (i64 row = 0; row < n; row++) {
        const Order *m = messages + row;
        i64 reason = refusal(m, ticks), filled = 0;
        if (reason == ACCEPTED) {
            i64 beyond = m->side * (bin_of(m, ticks) - (m->side < 0 ? offers_beyond : bids_beyond));
            filled = beyond > 0 ? m->lots : 0;
            if (beyond == 0 && m->side == long_side) {
                filled = m->lots < left ? m->lots : left;
                left -= filled;
            }
            reason = filled == m->lots ? ACCEPTED : UNFILLED;
        }
        reports[row] = (Report){reason, filled, 0, 0};
    }
    if (!sparse) memset(a->bins, 0, (ticks + 2) * sizeof(Bin));
    else for (i64 at = next_occupied(a, 0); at >= 0; at = next_occupied(a, at)) {
        a->bins[at] = (Bin){0, 0};
        if (!(a->words[at >> 6] &= ~(1ULL << (at & 63)))) a->summary[at >> 12] &= ~(1ULL << (at >> 6 & 63));
    }
    *outcome = best.volume ? (Outcome){best.number - 1, best.volume, best.surplus} : (Outcome){-1, 0, 0};
}
