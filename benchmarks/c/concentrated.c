/* Swaps in a pool of concentrated liquidity in C: the same steps, fees and roundings as the compiled kernel, on the
 * same arrays. Compiled without fusing multiplications and additions, so that the answers are the same to the last bit.
 */
#include <math.h>
#include <stdint.h>

typedef int64_t i64;
typedef uint64_t u64;

#define MILLION 1000000
#define LARGEST ((1LL << 62) - 1)
#define NO_OVERFLOW (1LL << 43)
#define PART_MASK ((1LL << 62) - 1)
static const double DOWN = 1.0 - 0x1p-48, UP = 1.0 + 0x1p-48, GRAIN = 0x1p-100, BEFORE = 1.0 - 0x1p-52, NEXT = 1.0 + 0x1p-52;

typedef struct { i64 whole, part; } Growth;
typedef struct { Growth by_asset[2]; } Outside;
typedef struct { i64 side, amount; } Swap;
typedef struct { i64 paid, received, fee; } Fill;

typedef struct {
    i64 at, liquidity, total, fee, protocol_part, free;
    i64 reserve[2], pending[2], protocol[2];
    Growth growth[2];
} State;

typedef struct {
    const double *roots;
    const i64 *net;
    Outside *outside;
    const u64 *words, *summary;
    double *root;
    State *state;
    i64 ticks, n_words, n_summary;
} Pool;

typedef struct { double root, rest; } Price;

static inline i64 next_occupied(const Pool *p, i64 tick) {
    i64 word = tick >> 6;
    if (word >= p->n_words) return -1;
    u64 found = p->words[word] & (~0ULL << (tick & 63));
    if (found) return (word << 6) + __builtin_ctzll(found);
    i64 upper = ++word >> 6;
    if (upper >= p->n_summary) return -1;
    found = p->summary[upper] & (~0ULL << (word & 63));
    while (!found) {
        if (++upper == p->n_summary) return -1;
        found = p->summary[upper];
    }
    word = (upper << 6) + __builtin_ctzll(found);
    return (word << 6) + __builtin_ctzll(p->words[word]);
}

static inline i64 previous_occupied(const Pool *p, i64 tick) {
    if (tick < 0) return -1;
    i64 word = tick >> 6;
    u64 found = p->words[word] & (~0ULL >> (63 - (tick & 63)));
    if (found) return (word << 6) + 63 - __builtin_clzll(found);
    if (--word < 0) return -1;
    i64 upper = word >> 6;
    found = p->summary[upper] & (~0ULL >> (63 - (word & 63)));
    while (!found) {
        if (--upper < 0) return -1;
        found = p->summary[upper];
    }
    word = (upper << 6) + 63 - __builtin_clzll(found);
    return (word << 6) + 63 - __builtin_clzll(p->words[word]);
}

static inline i64 smaller(i64 a, i64 b) { return a < b ? a : b; }
static inline double higher(double a, double b) { return a > b ? a : b; }
static inline double lower(double a, double b) { return a < b ? a : b; }
static inline double less(double move, double root) { return higher(move * DOWN - root * GRAIN, 0.0); }
static inline double more(double move, double root) { return move * UP + root * GRAIN; }
static inline i64 round_down(double amount) { return (i64)(amount * DOWN); }

static inline i64 round_up(double amount) {
    double certain = amount * UP;
    if (certain >= 0x1p62) return LARGEST + 1;
    i64 whole = (i64)certain;
    return whole + ((double)whole < certain);
}

static inline i64 fee_within(i64 amount, i64 fee) {
    if (amount < NO_OVERFLOW) return (amount * fee + (MILLION - 1)) / MILLION;
    return amount / MILLION * fee + (amount % MILLION * fee + (MILLION - 1)) / MILLION;
}

static inline i64 fee_on_top(i64 amount, i64 fee) {
    i64 rest = MILLION - fee;
    if (amount < NO_OVERFLOW) return (amount * fee + (rest - 1)) / rest;
    return amount / rest * fee + (amount % rest * fee + (rest - 1)) / rest;
}

static inline Price moved(Price at, double move) {
    double total = at.root + move;
    double rest = at.rest + (fabs(move) <= at.root ? move - (total - at.root) : at.root - (total - move));
    double new = total + rest;
    return (Price){new, rest - (new - total)};
}

static inline Price step_down(Price at, double liquidity, double target, i64 amount, int exact_in, i64 *in, i64 *out) {
    double gap = (at.root - target) + at.rest, asked = (double)amount * (exact_in ? DOWN : UP);
    if ((exact_in ? asked * (at.root * target) : asked) < liquidity * gap) {
        double move, spent = asked * at.root;
        Price new;
        if (exact_in && spent > liquidity) {
            new = (Price){liquidity * at.root / (liquidity + spent) * UP, 0.0};
            move = (at.root - new.root) + at.rest;
        } else {
            if (exact_in) move = higher(spent * at.root / (liquidity + spent) - at.root * GRAIN, 0.0);
            else move = asked / liquidity + at.root * GRAIN;
            new = moved(at, -move);
        }
        if ((new.root - target) + new.rest > 0.0) {
            *in = exact_in ? amount : round_up(liquidity * more(move, at.root) / (at.root * new.root));
            *out = exact_in ? round_down(liquidity * less(move, at.root)) : amount;
            return new;
        }
    }
    *in = round_up(liquidity * gap / (at.root * target)), *out = round_down(liquidity * gap);
    if (exact_in) *in = smaller(*in, amount);
    else *out = smaller(*out, amount);
    return (Price){target, 0.0};
}

static inline Price step_up(Price at, double liquidity, double target, i64 amount, int exact_in, i64 *in, i64 *out) {
    double gap = (target - at.root) - at.rest, asked = (double)amount * (exact_in ? DOWN : UP);
    if ((exact_in ? asked : asked * (at.root * target)) < liquidity * gap) {
        double wanted = asked * at.root;
        double move = exact_in ? asked / liquidity : wanted * at.root / (liquidity - wanted);
        move = exact_in ? higher(move - at.root * GRAIN, 0.0) : more(move, at.root);
        Price new = moved(at, move);
        if ((new.root - target) + new.rest < 0.0) {
            *in = exact_in ? amount : round_up(liquidity * more(move, at.root));
            *out = exact_in ? round_down(liquidity * less(move, new.root) / (at.root * new.root)) : amount;
            return new;
        }
    }
    *in = round_up(liquidity * gap), *out = round_down(liquidity * gap / (at.root * target));
    if (exact_in) *in = smaller(*in, amount);
    else *out = smaller(*out, amount);
    return (Price){target, 0.0};
}

static void cross(const Pool *p, i64 tick, int selling) {
    State *s = p->state;
    for (int asset = 0; asset < 2; asset++) {
        i64 pending = s->pending[asset], ours = s->protocol_part > 0 ? pending / s->protocol_part : 0;
        if (pending > 0 && s->liquidity > 0) {
            double earned = (double)(pending - ours) / (double)s->liquidity * DOWN;
            i64 units = (i64)earned, part = s->growth[asset].part + (i64)((earned - (double)units) * 0x1p62);
            s->growth[asset].whole += units + (part >> 62);
            s->growth[asset].part = part & PART_MASK;
        }
        s->protocol[asset] += ours;
        s->pending[asset] = 0;
        Growth *o = &p->outside[tick].by_asset[asset];
        i64 part = s->growth[asset].part - o->part;
        *o = (Growth){s->growth[asset].whole - o->whole + (part >> 62), part & PART_MASK};
    }
    s->liquidity += selling ? -p->net[tick] : p->net[tick];
}

static double limit_root(const Pool *p, i64 side, double limit) {
    if ((side != 1 && side != -1) || !(limit >= 0.0)) return p->root[0];
    double root = sqrt(limit);
    if (side < 0) return higher(root * root >= limit ? root : root * NEXT, p->roots[0]);
    return lower(root * root <= limit ? root : root * BEFORE, p->roots[p->ticks - 1]);
}

static Fill swap(const Pool *p, i64 side, i64 amount, double limit) {
    State *s = p->state;
    Price price = {p->root[0], p->root[1]};
    double bound = limit_root(p, side, limit), beyond = (price.root - bound) + price.rest;
    int selling = side < 0, exact_in = amount > 0, incoming = selling ? 0 : 1;
    Fill fill = {0, 0, 0};
    if (selling ? !(beyond > 0.0) : !(beyond < 0.0)) return fill;
    i64 at = s->at, budget = LARGEST - s->reserve[incoming];
    i64 left = exact_in ? smaller(amount, budget) : amount < -LARGEST ? LARGEST : -amount;
    while (left > 0) {
        i64 tick = selling ? previous_occupied(p, at) : next_occupied(p, at + 1), in = 0, out = 0;
        double target = tick < 0 ? bound : selling ? higher(p->roots[tick], bound) : lower(p->roots[tick], bound);
        i64 net = exact_in ? left - fee_within(left, s->fee) : left, fee;
        double liquidity = (double)s->liquidity;
        Price new = {target, 0.0};
        if (liquidity > 0.0) {
            if (selling) new = step_down(price, liquidity, target, net, exact_in, &in, &out);
            else new = step_up(price, liquidity, target, net, exact_in, &in, &out);
        }
        int reached = new.root == target && new.rest == 0.0;
        fee = exact_in && !reached ? left - net : fee_on_top(in, s->fee);
        if (in > budget - fill.paid - fee) break;
        left -= exact_in ? in + fee : out;
        price = new;
        fill.paid += in + fee, fill.received += out, fill.fee += fee;
        s->pending[incoming] += fee;
        if (reached) {
            if (tick < 0 || target != p->roots[tick]) break;
            at = selling ? tick - 1 : tick;
            cross(p, tick, selling);
        }
    }
    p->root[0] = price.root, p->root[1] = price.rest, s->at = at;
    s->reserve[incoming] += fill.paid;
    s->reserve[1 - incoming] -= fill.received;
    return fill;
}

void swap_batch(const Pool *p, const Swap *swaps, const double *limits, i64 n, Fill *fills) {
    for (i64 i = 0; i < n; i++) fills[i] = swap(p, swaps[i].side, swaps[i].amount, limits[i]);
}
