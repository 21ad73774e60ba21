# The part of scripts/demo that needs Prometheus. For scripts/demo, whose variables and functions it uses.
# shellcheck shell=bash
# shellcheck disable=SC2154

# With the configuration of deploy/prometheus, but for where adieud is and that it scrapes every second. On a free port.
start_prometheus() {
  local port=20000
  while taken tcp "$port"; do port=$((port + 1)); done
  prometheus_url=http://127.0.0.1:$port
  cp -r "$root/deploy/prometheus" "$work/prometheus"
  sed -i 's/adieu:9464/127.0.0.1:9464/; s/15s/1s/' "$work/prometheus/prometheus.yml"
  prometheus --config.file="$work/prometheus/prometheus.yml" --storage.tsdb.path="$work/prometheus/data" \
    --web.listen-address="127.0.0.1:$port" 2>"$work/prometheus/log" &
  prometheus=$!
  wait_for 30 'Prometheus' scraped_once
  scraped_since=$SECONDS
}

scraped_once() {
  kill -0 "$prometheus" 2>/dev/null || die "Prometheus ended: $(tail -n 3 "$work/prometheus/log")"
  promtool query instant "$prometheus_url" 'adieu_build_info' 2>/dev/null | grep -q adieu_build_info
}

# The calls that ring.
ringing_calls() {
  "$bin/adieu" calls list --state ringing -o json | grep -o 'calls/[A-Za-z0-9_-]*'
}

ring() {
  TERM=${TERM:-dumb} sipp 127.0.0.1:5060 -sf "$root/scripts/demo.d/phones.xml" -i 127.0.0.1 -m "$1" -r "$1" -nostdin \
    >"$work/phone.log" 2>&1 &
  phone=$!
  wait_for 30 "$1 calls to ring" rings "$1"
}

rings() {
  (($(ringing_calls | wc -l) == $1))
}

heard() {
  wait "$phone" || die "a phone did not get a final response: $(tail -n 5 "$work/phone.log")"
  phone=
}

# Calls that an application ends, each with another intent, three times; a sweep; and a policy that only watches.
call_more() {
  local intents=(quiet busy declined try-later not-found elsewhere) calls i
  "$bin/adieu" policies apply -f "$root/scripts/demo.d/shadow.yaml"
  for _ in 1 2 3; do
    ring ${#intents[@]}
    mapfile -t calls < <(ringing_calls)
    for i in "${!calls[@]}"; do
      "$bin/adieu" calls terminate "${calls[i]}" --intent "${intents[i]}" >/dev/null
    done
    heard
    echo "${#calls[@]} calls ended: ${intents[*]}"
    sleep 1  # so that Prometheus sees them one after the other
  done
  ring 5
  "$bin/adieu" sweep --intent maintenance --max 10
  heard
  sleep 2  # two more scrapes
}

# The time range begins after the first scrape: what was counted since is then counted whole.
show_dashboards() {
  /usr/bin/python3 -B "$root/deploy/grafana/render.py" --since $((SECONDS - scraped_since - 1)) --scrape 1 \
    "$prometheus_url"
  kill -TERM "$prometheus"
  wait "$prometheus" || die 'Prometheus did not stop cleanly'
  prometheus=
}
