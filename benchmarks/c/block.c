/* The speculator and pool block in C: the same arithmetic as the compiled kernels, written for one C compiler.
 *
 * Plain loops over `restrict` arrays in blocks that stay in the first-level cache, no library calls in them, integer
 * sums. Built without contraction and without -ffast-math it gives the kernels' bits.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define BLOCK 256

typedef struct {
    const int64_t *ids;
    const double *value_bias, *reaction, *noise, *aggressiveness;
    const int8_t *horizon, *strategy;
    int64_t *usd, *tokens, *order;
    int64_t n;
} People;

typedef struct {
    double value_pull, trend_pull, short_weight, long_weight, log_value, fee;
} Rules;

typedef struct {
    int64_t usd, tokens;
    double price, trend_short, trend_long;
} Market;

static inline uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

static inline double logarithm(double x) {
    int64_t ix, e;
    double m;
    memcpy(&ix, &x, 8);
    e = (ix - 0x3FE6A09E667F3BCDLL) >> 52;
    ix -= (int64_t)((uint64_t)e << 52);
    memcpy(&m, &ix, 8);
    double f = m - 1.0, s = f / (2.0 + f), z = s * s, w = z * z;
    double t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
    double t2 = z * (6.666666666666735130e-01 +
                     w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860510658591e-01)));
    double half = 0.5 * f * f, k = (double)e;
    return k * 6.93147180369123816490e-01 - ((half - (s * (half + t1 + t2) + k * 1.90821492927058770002e-10)) - f);
}

static inline double cos_turn(double u) {
    double r = (0.25 - fabs(u - 0.5)) * 6.283185307179586, q = r * r, p = -7.6471e-13;
    p = p * q + 1.60589e-10;
    p = p * q - 2.50521067e-08;
    p = p * q + 2.755731921042e-06;
    p = p * q - 1.984126984125369e-04;
    p = p * q + 8.333333333333309e-03;
    p = p * q - 1.6666666666666665e-01;
    return -(r * (1.0 + q * p));
}

static inline double normal(uint64_t key, int64_t agent) {
    uint64_t bits = mix(mix(((uint64_t)agent + 1) * 0x9E3779B97F4A7C15ULL) ^ key);
    double u = ((double)(int64_t)(bits >> 32) + 0.5) * (1.0 / 4294967296.0);
    double v = (double)(int64_t)(bits & 0xFFFFFFFFULL) * (1.0 / 4294967296.0);
    return sqrt(-2.0 * logarithm(u)) * cos_turn(v);
}

static void draw(int64_t h, uint64_t key, const int64_t *restrict ids, const double *restrict noise,
                 double *restrict buf) {
    for (int64_t j = 0; j < h; j++) buf[j] = noise[j] * normal(key, ids[j]);
}

static void judge(int64_t h, const double *restrict bias, const double *restrict reaction,
                  const int8_t *restrict strategy, const int8_t *restrict horizon, const Rules *restrict rules,
                  const Market *restrict market, double gap, const double *restrict shocks, double *restrict buf) {
    double value_pull = rules->value_pull, trend_pull = rules->trend_pull;
    double trend_short = market->trend_short, trend_long = market->trend_long;
    double shock_value = shocks[0], shock_trend = shocks[1], shock_noise = shocks[2];
    for (int64_t j = 0; j < h; j++) {
        double trend = horizon[j] == 0 ? trend_short : trend_long;
        double pull = strategy[j] == 0 ? value_pull * (gap + bias[j]) : trend_pull * trend;
        double shock = strategy[j] == 0 ? shock_value : shock_trend;
        pull = strategy[j] == 2 ? 0.0 : reaction[j] * pull;
        shock = strategy[j] == 2 ? shock_noise : shock;
        double s = pull + shock + buf[j];
        buf[j] = s / (1.0 + fabs(s));
    }
}

static void order_all(int64_t h, const double *restrict buf, const double *restrict aggressiveness, double price,
                      const int64_t *restrict usd, const int64_t *restrict tokens, int64_t *restrict order,
                      int64_t *bid, int64_t *offered) {
    int64_t b = 0, q = 0;
    double per_price = 1.0 / price;
    for (int64_t j = 0; j < h; j++) {
        double cash = (double)usd[j];
        double wanted = 0.5 * buf[j] * aggressiveness[j] * (cash + (double)tokens[j] * price);
        double spend = wanted > 0.0 ? wanted : 0.0, sale = wanted < 0.0 ? -wanted : 0.0;
        int64_t buy = (int64_t)(spend < cash ? spend : cash), sell = (int64_t)(sale * per_price);
        buy = buy < usd[j] ? buy : usd[j];
        sell = sell < tokens[j] ? sell : tokens[j];
        order[j] = buy - sell;
        b += buy;
        q += sell;
    }
    *bid += b;
    *offered += q;
}

static void settle(int64_t n, const int64_t *restrict order, int64_t *restrict usd, int64_t *restrict tokens,
                   double tokens_per_usd, double usd_per_token, int64_t *tokens_out, int64_t *usd_out) {
    int64_t t = 0, u = 0;
    for (int64_t j = 0; j < n; j++) {
        int64_t buy = order[j] > 0 ? order[j] : 0, sell = order[j] < 0 ? -order[j] : 0;
        int64_t plus_tokens = (int64_t)((double)buy * tokens_per_usd);
        int64_t plus_usd = (int64_t)((double)sell * usd_per_token);
        usd[j] += plus_usd - buy;
        tokens[j] += plus_tokens - sell;
        t += plus_tokens;
        u += plus_usd;
    }
    *tokens_out = t;
    *usd_out = u;
}

static double batch_price(const Market *market, double fee, double b, double q) {
    double keep = 1.0 - fee, x = (double)market->tokens, y = (double)market->usd;
    double buying = (y / keep + b) / (x + q), selling = (y + b) / (x / keep + q);
    if (b == 0.0) return selling;
    if (q == 0.0) return buying;
    return fmax(fmin(buying, b / q), selling);
}

/* Play one day. */
void step(const People *people, const Rules *rules, Market *market, uint64_t key, const double *shocks) {
    double buf[BLOCK], before = logarithm(market->price), gap = rules->log_value - before;
    int64_t bid = 0, offered = 0, tokens_out, usd_out;
    for (int64_t lo = 0; lo < people->n; lo += BLOCK) {
        int64_t h = people->n - lo < BLOCK ? people->n - lo : BLOCK;
        draw(h, key, people->ids + lo, people->noise + lo, buf);
        judge(h, people->value_bias + lo, people->reaction + lo, people->strategy + lo, people->horizon + lo, rules,
              market, gap, shocks, buf);
        order_all(h, buf, people->aggressiveness + lo, market->price, people->usd + lo, people->tokens + lo,
                  people->order + lo, &bid, &offered);
    }
    double price = batch_price(market, rules->fee, (double)bid, (double)offered), safe = 1.0 - 0x1p-40;
    double tokens_per_usd = safe / price, usd_per_token = price * safe;
    settle(people->n, people->order, people->usd, people->tokens, tokens_per_usd, usd_per_token, &tokens_out, &usd_out);
    market->price = ((double)market->usd + (double)bid - (double)offered * usd_per_token) /
                    ((double)market->tokens + (double)offered - (double)bid * tokens_per_usd);
    market->usd += bid - usd_out;
    market->tokens += offered - tokens_out;
    double change = logarithm(market->price) - before;
    market->trend_short += rules->short_weight * (change - market->trend_short);
    market->trend_long += rules->long_weight * (change - market->trend_long);
}
