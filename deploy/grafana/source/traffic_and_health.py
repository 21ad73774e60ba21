"""*Traffic and health*: what comes and goes, how full it is, and how the process is."""

from board import Board
from panel import Panel, Query
from promql import counted, per_second, quantile

CLASSES = {"1xx": "blue", "2xx": "green", "3xx": "purple", "4xx": "yellow", "5xx": "orange", "6xx": "red"}
RPC = '{$at, grpc_service=~"adieu.v1..+"}'
SERVED = '{$at, grpc_service=~"adieu.v1..+", grpc_type="unary"}'
LONG = '{$at, grpc_method=~"ApplyCancelPolicy|TerminateCall|WatchCalls"}'
FULL = ((None, "green"), (0.5, "yellow"), (0.8, "red"))


def within(histogram):
    return (Query(quantile(0.5, histogram), "half of them within"), Query(quantile(0.99, histogram), "99 % within"))


GLANCE = (
    Panel("stat", "Instances that answer", "Instances whose last scrape succeeded.", "short",
          (Query("sum (up{$at})"),), ("monitoring.md", "runbooks.md#adieudown"), width=4),
    Panel("stat", "Alerts", "Alerts of Adieu that fire now. Zero too where the rules are not loaded.", "short",
          (Query('count (ALERTS{$at, alertname=~"Adieu.+", alertstate="firing"}) or vector(0)'),),
          ("monitoring.md#alerts",), width=4, thresholds=((None, "green"), (1, "red"))),
    Panel("stat", "Calls now", "Calls that have not ended: ringing, answered and terminating.", "short",
          (Query("sum (adieu_calls{$at})"),), ("metrics.md",), width=4),
    Panel("stat", "Calls that began", "Calls that began in the time range.", "short",
          (Query(counted("adieu_calls_total{$at}")),), ("metrics.md", "runbooks.md#adieunocalls"), width=4),
    Panel("stat", "Ringing, of the limit",
          "Ringing calls of the instance that has the most, as a share of `limits.max_ringing`. At 100 % callers get "
          "503.", "percentunit",
          (Query('max (sum without (state) (adieu_calls{$at, state="ringing"}) / adieu_ringing_limit{$at})'),),
          ("configuration.md#keys", "runbooks.md#adieuringingnearfull"), width=4, thresholds=FULL),
    Panel("stat", "Queue, of the limit",
          "Terminations that wait at the instance that has the most, as a share of `limits.queue`. At 100 % requests "
          "are refused.", "percentunit", (Query("max (adieu_queue_depth{$at} / adieu_queue_limit{$at})"),),
          ("configuration.md#keys", "runbooks.md#adieuqueuenearfull"), width=4, thresholds=FULL),
)

CALLS_ROW = (
    Panel("timeseries", "Calls by state", "Calls that have not ended.", "short",
          (Query("sum by (state) (adieu_calls{$at})", "{{state}}"),),
          ("metrics.md", "runbooks.md#adieuringingnearfull"), stacked=True,
          colors={"answered": "green", "ringing": "yellow", "terminating": "blue"}),
    Panel("timeseries", "Calls that began", "New calls per second, by instance.", "cps",
          (Query(per_second("adieu_calls_total{$at}", "instance"), "{{instance}}"),),
          ("metrics.md", "runbooks.md#adieunocalls"), stacked=True),
    Panel("timeseries", "Targets given up for the next one",
          "`unavailable`: it said 503. `unreachable`: connection or address refused. `no_answer`: silence. "
          "`unresolved`: its name has no address.", "cps",
          (Query(per_second("adieu_failover_total{$at}", "reason"), "{{reason}}"),),
          ("metrics.md", "runbooks.md#adieutargetsfailing"), stacked=True),
)

SIP_ROW = (
    Panel("timeseries", "Responses sent, by class", "SIP responses per second, retransmissions included.", "cps",
          (Query(per_second('adieu_sip_responses_total{$at, direction="sent"}', "class"), "{{class}}"),),
          ("metrics.md",), stacked=True, colors=CLASSES),
    Panel("timeseries", "Responses received, by class", "SIP responses per second, retransmissions included.", "cps",
          (Query(per_second('adieu_sip_responses_total{$at, direction="received"}', "class"), "{{class}}"),),
          ("metrics.md",), stacked=True, colors=CLASSES),
    Panel("table", "Responses by code",
          "SIP responses of the time range, retransmissions included. `side`: which leg; `none` for messages of no "
          "call.", "short", (Query(counted("adieu_sip_responses_total{$at}", "direction, side, method, code")),),
          ("metrics.md",)),
    Panel("timeseries", "Requests received, by method", "SIP requests per second, retransmissions included.", "cps",
          (Query(per_second('adieu_sip_requests_total{$at, direction="received"}', "method"), "{{method}}"),),
          ("metrics.md",), stacked=True),
    Panel("timeseries", "Requests sent, by method", "SIP requests per second, retransmissions included.", "cps",
          (Query(per_second('adieu_sip_requests_total{$at, direction="sent"}', "method"), "{{method}}"),),
          ("metrics.md",), stacked=True),
    Panel("timeseries", "Retransmissions",
          "Messages that repeat an earlier one: something was lost, or came late.", "cps",
          (Query(per_second("adieu_sip_retransmissions_total{$at}", "side, direction"),
                 "{{side}} {{direction}}"),), ("metrics.md", "runbooks.md#adieureceivebuffersmall")),
    Panel("timeseries", "SIP that was not served", "Messages per second that were dropped or refused, by reason.",
          "cps", (Query(per_second("adieu_sip_rejected_total{$at}", "reason"), "{{reason}}"),),
          ("metrics.md", "runbooks.md#adieusiprejectedspike"), width=12, stacked=True),
    Panel("timeseries", "Receive buffers",
          "Of the UDP sockets, as the kernel granted them. Below 2 MiB a burst of calls may be lost.", "bytes",
          (Query("min by (instance, listener) (adieu_sip_receive_buffer_bytes{$at})", "{{instance}} {{listener}}"),),
          ("metrics.md", "runbooks.md#adieureceivebuffersmall"), width=12),
)

ENGINE_ROW = (
    Panel("timeseries", "Terminations that wait", "For a worker, by instance.", "short",
          (Query("sum by (instance) (adieu_queue_depth{$at})", "{{instance}}"),),
          ("metrics.md", "runbooks.md#adieuqueuenearfull"), width=6),
    Panel("timeseries", "Requests refused by a full queue", "They got RESOURCE_EXHAUSTED; a client may try again.",
          "cps", (Query(per_second("adieu_queue_rejected_total{$at}", "instance"), "{{instance}}"),),
          ("metrics.md", "runbooks.md#adieurequestsrefused"), width=6),
    Panel("timeseries", "Workers at work", "Of the worker threads of an instance.", "percentunit",
          (Query("adieu_workers_busy{$at} / adieu_workers{$at}", "{{instance}}"),),
          ("metrics.md", "runbooks.md#adieuworkerssaturated"), width=6, most=1),
    Panel("timeseries", "Watchers and policies", "Open WatchCalls streams, and the cancel policies that are loaded.",
          "short",
          (Query("sum (adieu_watchers{$at})", "watchers"),
           Query("max by (origin, mode) (adieu_policies{$at}) > 0", "policies: {{origin}}, {{mode}}")),
          ("metrics.md", "policies.md"), width=6),
)

GRPC_ROW = (
    Panel("timeseries", "RPCs, by method", "Completed per second. Streams count when they close.", "reqps",
          (Query(per_second(f"grpc_server_handled_total{RPC}", "grpc_method"), "{{grpc_method}}"),), ("metrics.md",),
          width=6, stacked=True),
    Panel("timeseries", "RPCs, by status",
          "Completed per second. A request that was wrong is `InvalidArgument` or `NotFound`; a full queue "
          "`ResourceExhausted`; a watcher that left `Cancelled`.", "reqps",
          (Query(per_second(f"grpc_server_handled_total{RPC}", "grpc_code"), "{{grpc_code}}"),), ("metrics.md",),
          width=6, stacked=True, colors={"OK": "green"}),
    Panel("timeseries", "RPCs: 99 % within", "By method; without streams.", "s",
          (Query(quantile(0.99, f"grpc_server_handling_seconds{SERVED}", "grpc_method"), "{{grpc_method}}"),),
          ("metrics.md", "benchmarks.md"), width=6),
    Panel("timeseries", "RPCs under way", "Started and not completed: watches, sweeps, waits for an ending.", "short",
          (Query(f"sum by (grpc_method) (grpc_server_started_total{LONG}) - (sum by (grpc_method) "
                 f"(grpc_server_handled_total{LONG}) or 0 * sum by (grpc_method) (grpc_server_started_total{LONG}))",
                 "{{grpc_method}}"),), ("metrics.md",), width=6),
)

STORE_ROW = (
    Panel("timeseries", "Commits", "Of the store, per second and instance. One commit has the records of many calls.",
          "cps", (Query(per_second("adieu_store_commit_seconds_count{$at}", "instance"), "{{instance}}"),),
          ("metrics.md",)),
    Panel("timeseries", "How long commits take", "An answer to TerminateCall waits for its commit, an ending does not.",
          "s", within("adieu_store_commit_seconds{$at}"), ("metrics.md",)),
    Panel("timeseries", "Errors of the store", "Operations that failed, per second and instance. Calls still end.",
          "cps", (Query(per_second("adieu_store_errors_total{$at}", "instance"), "{{instance}}"),),
          ("metrics.md", "runbooks.md#adieustoreerrors")),
)

PROCESS_ROW = (
    Panel("state-timeline", "Serving or draining", "An instance that drains takes no new calls and ends those it has.",
          "short", (Query("max by (instance) (adieu_draining{$at})", "{{instance}}"),),
          ("metrics.md", "runbooks.md#adieudraintoolong"), width=12,
          mappings={"0": ("serving", "green"), "1": ("draining", "orange")}),
    Panel("table", "Builds", "The version that each instance runs.", "short",
          (Query("sum by (instance, version) (adieu_build_info{$at})"),), ("metrics.md",), width=6,
          column=""),
    Panel("table", "Certificates",
          "Time until they expire. Empty where nothing is served with TLS.", "s",
          (Query("min by (instance, use) (adieu_certificate_expiry_timestamp_seconds{$at} - time())"),),
          ("runbooks.md#adieucertificateexpiressoon",), width=6, column="expires in"),
    Panel("timeseries", "Processor", "Processors' time used: 1 is one processor at work.", "short",
          (Query(per_second("process_cpu_seconds_total{$at}", "instance"), "{{instance}}"),), ("metrics.md",), width=6),
    Panel("timeseries", "Memory", "Resident, shared libraries included.", "bytes",
          (Query("sum by (instance) (process_resident_memory_bytes{$at})", "{{instance}}"),),
          ("metrics.md", "benchmarks.md"), width=6),
    Panel("timeseries", "Open files", "Open file descriptors, sockets included.", "short",
          (Query("sum by (instance) (process_open_fds{$at})", "{{instance}}"),), ("metrics.md",), width=6),
    Panel("timeseries", "Up for", "Since the process started.", "s",
          (Query("time() - max by (instance) (process_start_time_seconds{$at})", "{{instance}}"),),
          ("metrics.md", "runbooks.md#adieurestarting"), width=6),
)

BOARD = Board(
    "adieu-traffic-and-health", "Adieu: traffic and health",
    "What comes and goes, how full it is, and how the process is.",
    (("", GLANCE), ("Calls", CALLS_ROW), ("SIP", SIP_ROW), ("Queue and workers", ENGINE_ROW), ("gRPC", GRPC_ROW),
     ("Store", STORE_ROW), ("Process", PROCESS_ROW)))
