/* The constant-product pool in C: the same arithmetic, refusals and rounding, order after order, as the compiled kernel.
 * Build without contraction, so that both round alike.
 */
#include <stdint.h>

typedef int64_t i64;

enum { ACCEPTED, BAD_SIZE, NO_LIQUIDITY, RESERVE_LIMIT, TOO_SMALL, OUTSIDE_LIMIT };
enum { FEE_IN = 0 };
#define LARGEST ((1LL << 62) - 1)

typedef struct { i64 tokens, usd, shares; } Pool;
typedef struct { i64 usd_in, tokens_in, usd_out, tokens_out; } Totals;

void swap_batch(Pool *pool, double fee, i64 fee_on, const i64 *restrict orders, const i64 *restrict least, i64 n,
                i64 *restrict received, int8_t *restrict reasons, Totals *totals) {
    double keep_in = fee_on == FEE_IN ? 1.0 - fee : 1.0, keep_out = fee_on == FEE_IN ? 1.0 : 1.0 - fee;
    keep_out *= 1.0 - 0x1p-48;
    i64 tokens = pool->tokens, usd = pool->usd, tokens_in = 0, usd_in = 0;
    for (i64 i = 0; i < n; i++) {
        i64 order = orders[i], given = order < 0 ? (i64)(0 - (uint64_t)order) : order, out = 0;
        i64 x = order > 0 ? usd : tokens, y = order > 0 ? tokens : usd;
        int8_t reason = given < 1 ? BAD_SIZE : x < 1 || y < 1 ? NO_LIQUIDITY : given > LARGEST - x ? RESERVE_LIMIT : ACCEPTED;
        if (reason == ACCEPTED) {
            double kept = (double)given * keep_in;
            out = (i64)(keep_out * kept * (double)y / ((double)x + kept));
            reason = out < 1 ? TOO_SMALL : out < least[i] ? OUTSIDE_LIMIT : ACCEPTED;
        }
        reasons[i] = reason;
        if (reason != ACCEPTED) {
            received[i] = 0;
            continue;
        }
        received[i] = out;
        usd += order > 0 ? given : -out;
        tokens += order > 0 ? -out : given;
        usd_in += order > 0 ? given : 0;
        tokens_in += order > 0 ? 0 : given;
    }
    *totals = (Totals){usd_in, tokens_in, usd_in - (usd - pool->usd), tokens_in - (tokens - pool->tokens)};
    pool->tokens = tokens, pool->usd = usd;
}
