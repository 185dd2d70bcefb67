/**
 * Logarithm, exponential and the normal quantile from IEEE-exact operations only (+ - * / sqrt, floor), so that every
 * engine computes the same bits: Math.log, Math.exp and Math.pow may differ between engines in the last place.
 */

/** ln 2 in two parts; the first has 32 binary places, so that a small integer times it is exact. */
const LN2_HIGH = 2977044471 / 4294967296;
const LN2_LOW = 1.9082149292705877e-10;

/** Where a number is taken apart: it holds nothing between two calls. */
const BITS = new DataView(new ArrayBuffer(8));

/** Natural logarithm of a positive, finite, normal number; relative error about 1e-15. */
export function exactLn(x: number): number {
  // x = fraction * 2^exponent with sqrt(1/2) <= fraction < sqrt(2).
  BITS.setFloat64(0, x);
  const high = BITS.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  BITS.setUint32(0, (high & 0xf_ffff) | 0x3ff0_0000);
  let fraction = BITS.getFloat64(0);
  if (fraction >= Math.SQRT2) {
    fraction *= 0.5;
    exponent++;
  }
  // ln x = 2 artanh t with |t| <= 0.172: 13 terms reach 1e-20.
  const t = (fraction - 1) / (fraction + 1);
  const square = t * t;
  let sum = 0;
  for (let n = 25; n >= 3; n -= 2) sum = (sum + 1 / n) * square;
  return exponent * LN2_HIGH + (2 * t + (2 * t * sum + exponent * LN2_LOW));
}

/** e to the power of x; 0 below -700, Infinity above 709; relative error about 1e-15. */
export function exactExp(x: number): number {
  if (x < -700) return 0;
  if (x > 709) return Infinity;
  const exponent = Math.floor(x / (LN2_HIGH + LN2_LOW) + 0.5);
  const r = x - exponent * LN2_HIGH - exponent * LN2_LOW;
  // |r| <= 0.347: 16 terms reach 1e-20.
  let sum = 1;
  for (let n = 16; n >= 1; n--) sum = 1 + (sum * r) / n;
  const factor = exponent < 0 ? 0.5 : 2;
  for (let i = exponent < 0 ? -exponent : exponent; i > 0; i--) sum *= factor;
  return sum;
}

const SQRT_TWO_PI = 2.5066282746310007;

function normalDensity(z: number): number {
  return exactExp(-0.5 * z * z) / SQRT_TWO_PI;
}

/** Probability that a standard normal variable exceeds z >= 0. */
function normalSurvival(z: number): number {
  if (z < 2) {
    // 1/2 - density * (z + z^3/3 + z^5/(3*5) + …): all terms positive.
    let term = z;
    let sum = z;
    for (let n = 3; term > sum * 1e-18; n += 2) {
      term *= (z * z) / n;
      sum += term;
    }
    return 0.5 - normalDensity(z) * sum;
  }
  // density / (z + 1/(z + 2/(z + 3/(z + …)))), from 80 levels down: enough for 1e-20 at z = 2.
  let tail = z;
  for (let n = 80; n >= 1; n--) tail = z + n / tail;
  return normalDensity(z) / tail;
}

/**
 * The number that a standard normal variable exceeds with this probability.
 * @param survival from 1e-300 up to, but not including, 1
 */
export function normalUpperQuantile(survival: number): number {
  if (survival > 0.5) return -normalUpperQuantile(1 - survival);
  const target = exactLn(survival);
  // Newton on ln(survival(z)), which is concave and nearly a parabola: from the bound below it converges without overshoot.
  let z = survival === 0.5 ? 0 : Math.sqrt(Math.max(0, -2 * target - 1.4));
  for (let i = 0; i < 12; i++) {
    const probability = normalSurvival(z);
    const step = ((exactLn(probability) - target) * probability) / normalDensity(z);
    z = Math.max(0, z + step);
    if (Math.abs(step) < 1e-15) break;
  }
  return z;
}
