/** Health data as Open Wearables announces it: producers send records and samples, receivers get its events. */
import { LIMITS } from "../../core/limits.js";
import { applicationOf } from "../application-of.js";
import type { CallerContext } from "../context.js";
import { connectionRecord, syncRecord } from "../health-data/connections.js";
import { acceptRecord } from "../health-data/records.js";
import { acceptTimeseries } from "../health-data/timeseries.js";
import { rest } from "../procedure-meta.js";
import { connectionInput, syncInput } from "../schemas/health/connections.js";
import { cycleInput, dailySummaryInput, mealInput, sleepInput, workoutInput } from "../schemas/health/records.js";
import { timeseriesAnswer, timeseriesInput } from "../schemas/health/timeseries.js";
import { publishAnswer } from "../schemas/publish.js";
import type { PublishAnswer } from "../schemas/publish.js";
import { procedure, router } from "../trpc.js";

const tags = ["health"];

const accept = (path: `/v1/health/${string}`, summary: string) =>
  procedure.meta(rest({ method: "POST", path, summary, tags, scope: "events:write" }, 202));

interface RecordInput {
  application?: string | undefined;
  revision?: string | undefined;
  id: string;
  user_id: string;
}

/** The event's `data` is the input without what concerns the call. */
async function acceptWhole(
  ctx: CallerContext,
  eventType: string,
  { application, revision, ...data }: RecordInput,
): Promise<PublishAnswer> {
  const applicationId = await applicationOf(ctx, application);
  const record = { eventType, keyParts: [data.id], userId: data.user_id, data };
  return acceptRecord(ctx.services, applicationId, record, revision);
}

/**
 * All of these answer 202 when every event of the call is on disk, on the channel `user.<user_id>`. A field that is not
 * known may be left out or `null`; it is sent as `null`. The same call again stores nothing and answers
 * `duplicate: true`. Other content for the same record is 409 `event_conflict`, unless it has a `revision` of its own:
 * 1 to 64 letters, digits, `_`, `.` and `-`.
 */
export const health = router({
  /**
   * Up to 200,000 samples of one series of one user, in bodies up to 32 MiB (over tRPC where the call is not batched).
   * They are sent sorted by time, by the event of the series' group and by `series.<series_type>.created`, in as many
   * of each as needed: at most 2,500 samples and `POSTHORN_BODY_BYTES_MAX` (1 MiB at most) for one event. Without
   * samples no event is made; a series that no event announces is `skipped`.
   *
   * Errors: `invalid_input` with at most 50 issues such as `samples[17].timestamp`; `event_conflict` if samples of the
   * same time span were sent before with other content, and then nothing of the call is stored; `overloaded` while 4
   * bodies above the ordinary limit are worked on; `store_unavailable` if any event could not be stored: the same call
   * again stores the missing ones.
   */
  timeseries: procedure
    .meta(
      rest(
        {
          method: "POST",
          path: "/v1/health/timeseries",
          summary: "Send samples of one series",
          tags,
          scope: "events:write",
        },
        202,
        {
          largeBodyBytesMax: LIMITS.samplesBodyBytesMax,
        },
      ),
    )
    .input(timeseriesInput)
    .output(timeseriesAnswer)
    .mutation(async ({ ctx, input, signal }) => {
      const { services, bodyBytesMax } = ctx;
      const applicationId = await applicationOf(ctx, input.application);
      return acceptTimeseries({ services, applicationId, bodyBytesMax, signal }, input);
    }),

  /** A workout, as `workout.created`. */
  workouts: accept("/v1/health/workouts", "Send a workout")
    .input(workoutInput)
    .output(publishAnswer)
    .mutation(({ ctx, input }) => acceptWhole(ctx, "workout.created", input)),

  /** A night or a nap with up to 2,000 intervals, as `sleep.created`. */
  sleep: accept("/v1/health/sleep", "Send a night or a nap")
    .input(sleepInput)
    .output(publishAnswer)
    .mutation(({ ctx, input }) => acceptWhole(ctx, "sleep.created", input)),

  /** A menstrual cycle with up to 100 snapshots of a pregnancy, as `menstrual_cycle.created`. */
  cycles: accept("/v1/health/cycles", "Send a menstrual cycle")
    .input(cycleInput)
    .output(publishAnswer)
    .mutation(({ ctx, input }) => acceptWhole(ctx, "menstrual_cycle.created", input)),

  /** A meal with up to 200 nutrients, as `meal.created`. */
  meals: accept("/v1/health/meals", "Send a meal")
    .input(mealInput)
    .output(publishAnswer)
    .mutation(({ ctx, input }) => {
      const meal = { ...input, nutrients: input.nutrients ?? {} };
      return acceptWhole(ctx, "meal.created", meal);
    }),

  /** The sums of one local day, as `activity.daily_summary.created`. */
  dailySummaries: accept("/v1/health/daily-summaries", "Send the summary of a day")
    .input(dailySummaryInput)
    .output(publishAnswer)
    .mutation(({ ctx, input }) => acceptWhole(ctx, "activity.daily_summary.created", input)),

  /**
   * A connection of a user to a provider. `event: "created"` needs `connected_at` and becomes `connection.created`;
   * `"revoked"` needs `reason` and `revoked_at` and becomes `connection.revoked`. The same connection is known by its
   * user, provider and time.
   */
  connections: accept("/v1/health/connections", "Tell of a connection made or ended")
    .input(connectionInput)
    .output(publishAnswer)
    .mutation(async ({ ctx, input }) => {
      const record = connectionRecord(input);
      return acceptRecord(ctx.services, await applicationOf(ctx, input.application), record, input.revision);
    }),

  /**
   * A run that fetches a user's data. `event` is `"started"`, `"completed"` (needs `status`, takes `items_processed`) or
   * `"failed"` (takes `error`), and becomes `sync.started` and so on, each once for a `run_id`.
   */
  syncs: accept("/v1/health/syncs", "Tell of a run that fetches data")
    .input(syncInput)
    .output(publishAnswer)
    .mutation(async ({ ctx, input }) => {
      const record = syncRecord(input);
      return acceptRecord(ctx.services, await applicationOf(ctx, input.application), record, input.revision);
    }),
});
