// What the rounds say: medians, and the ratios of what was measured in the same round.

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Processor seconds for 1,000 requests, of the gateway, of its Redis or of both. */
export const perThousand = (measured, { gateway = true, redis = true } = {}) =>
  (((gateway ? measured.gatewayCpu : 0) + (redis ? measured.redisCpu : 0)) / measured.requests) * 1000;

/** Medians of all that was measured of a contestant. */
export function medians(rounds, scenario, name) {
  const measured = rounds.map((round) => round[scenario][name]);
  const of = (value) => median(measured.map(value));
  return {
    gateway: of((one) => perThousand(one, { redis: false })),
    redis: of((one) => perThousand(one, { gateway: false })),
    both: of((one) => perThousand(one)),
    perSecond: of((one) => one.requests / one.seconds),
    p50Ms: of((one) => one.p50Ms),
    p99Ms: of((one) => one.p99Ms),
  };
}

/** The median of the rounds' ratios: [scenario, contestant] against another, `which` as for perThousand. */
export function ratio(rounds, [scenario, name], [otherScenario, other], which) {
  return median(
    rounds.map((round) => perThousand(round[scenario][name], which) / perThousand(round[otherScenario][other], which)),
  );
}
