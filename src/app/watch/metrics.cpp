#include "app/watch/metrics.hpp"

#include <cmath>
#include <map>

#include <fmt/format.h>

namespace voltage::app::watch {
namespace {

std::string number(double v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", v);
}

std::string label_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

class Text {
 public:
  void family(const char* name, const char* type, const char* help) {
    name_ = name;
    out_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
  }
  void value(double v) { out_ += fmt::format("{} {}\n", name_, number(v)); }
  void value(const char* label, const std::string& of, double v) {
    out_ += fmt::format("{}{{{}=\"{}\"}} {}\n", name_, label, label_text(of), number(v));
  }
  void one(const char* name, const char* type, const char* help, double v) {
    family(name, type, help);
    value(v);
  }
  void gauge(const char* name, const char* help, double v) { one(name, "gauge", help, v); }
  void count(const char* name, const char* help, std::int64_t v) { one(name, "counter", help, static_cast<double>(v)); }
  void raw(const std::string& line) { out_ += line; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_, name_;
};

void run(Text& t, const Snapshot& s) {
  t.family("voltage_info", "gauge", "What runs: mode, program version, model.");
  t.raw(fmt::format("voltage_info{{mode=\"{}\",version=\"{}\",model=\"{}\"}} 1\n", label_text(s.mode),
                    label_text(s.version), label_text(s.model)));
  t.family("voltage_phase", "gauge", "1 for the phase that the run is in.");
  for (const auto phase : {Phase::starting, Phase::training, Phase::trading, Phase::stopped})
    t.value("phase", name(phase), s.phase == phase ? 1 : 0);
  t.gauge("voltage_ready", "1 if new risk may be taken as far as streams and halts go.", not_ready(s).empty() ? 1 : 0);
  t.gauge("voltage_halted", "1 while a person or a limit has stopped new orders.", s.halted ? 1 : 0);
  t.gauge("voltage_training_progress", "0 to 1 while a model is trained.", s.progress);
  t.gauge("voltage_run_time_seconds", "The run's own time, seconds since 1970.", static_cast<double>(s.at.ns) * 1e-9);
  t.count("voltage_events_total", "Events that the core took.", s.events);
  t.count("voltage_decisions_total", "Decisions, with or without an order.", s.decisions);
  t.count("voltage_orders_total", "Orders placed.", s.orders_placed);
  t.count("voltage_fills_total", "Fills booked.", s.fills_seen);
  t.count("voltage_fills_refused_total", "Fills refused: duplicates and impossible ones.", s.fills_refused);
  t.count("voltage_settled_total", "Contracts settled.", s.settled);
  t.count("voltage_forecasts_total", "Forecasts received.", s.forecasts);
  t.count("voltage_forecast_failures_total", "Forecasts that the models refused.", s.forecast_failures);
  t.gauge("voltage_forecast_age_seconds", "Since the close of the bar of the last forecast.", s.forecast_age);
  t.gauge("voltage_history_filled", "0 to 1: minutes before the run that are made of trades.", s.past.filled);
  t.gauge("voltage_history_left_seconds", "Until all are, by the run's time; -1: too early to say.",
          s.past.seconds_left);
  t.gauge("voltage_bitcoin_dollars", "The settlement index now, as prices are computed with.", s.bitcoin);
  t.family("voltage_vetoes_total", "counter", "Decisions that each veto stood in the way of.");
  for (std::size_t i = 0; i < event::kVetoes; ++i)
    t.value("veto", event::name(static_cast<event::Veto>(i)), static_cast<double>(s.vetoes[i]));
  t.family("voltage_stream_healthy", "gauge", "1 if the stream is healthy.");
  for (const auto& x : s.streams) t.value("stream", x.name, x.health == event::Health::healthy ? 1 : 0);
  t.family("voltage_stream_needed", "gauge", "1 if nothing new is risked without the stream.");
  for (const auto& x : s.streams) t.value("stream", x.name, x.needed ? 1 : 0);
  t.family("voltage_stream_state_seconds", "gauge",
           "For how long the stream has been in its state, by the run's time.");
  for (const auto& x : s.streams) t.value("stream", x.name, x.seconds);
}

void money(Text& t, const Snapshot& s) {
  t.gauge("voltage_cash_dollars", "Free cash.", s.cash.dollars());
  t.gauge("voltage_cash_start_dollars", "Cash at the start of the run.", s.cash_start.dollars());
  t.gauge("voltage_equity_at_cost_dollars", "Cash and positions at what they cost.", s.equity_at_cost.dollars());
  t.gauge("voltage_equity_worst_dollars", "Cash and the least that positions can pay.", s.equity_worst.dollars());
  t.gauge("voltage_path_loss_dollars", "The most that settlement instants close together can lose of what is held.",
          s.path_loss.dollars());
  t.gauge("voltage_loss_room_dollars", "The most that can still be lost today.", s.loss_room.dollars());
  t.one("voltage_fees_dollars_total", "counter", "Fees paid.", s.profit.fees.dollars());
  t.gauge("voltage_net_settled_dollars", "Earned on settled contracts, after fees.", s.profit.net.dollars());
  t.gauge("voltage_net_settled_low_dollars", "Lower end of its 90 % interval; NaN: too few settlements.", s.profit.low);
  t.gauge("voltage_net_settled_high_dollars", "Upper end of its 90 % interval.", s.profit.high);
  t.gauge("voltage_settled_instants", "Settlement instants that the interval stands on.",
          static_cast<double>(s.profit.instants));
  t.gauge("voltage_open_at_cost_dollars", "Paid for what is not settled.", s.profit.open_at_cost.dollars());
  t.gauge("voltage_open_orders", "Orders that may still be filled.", static_cast<double>(s.open_orders));
  t.gauge("voltage_unknown_orders", "Orders whose fate the venue has not told.", static_cast<double>(s.unknown_orders));
  t.gauge("voltage_unknown_order_age_seconds", "Since the oldest of them was sent.", s.unknown_order_age);
  t.gauge("voltage_open_positions", "Contracts held.", static_cast<double>(s.open_positions));
  t.family("voltage_books", "gauge", "Books of open contracts by whether they are believed.");
  std::map<std::string, int> trust{{"missing", 0}, {"valid", 0}, {"crossed", 0}, {"lost", 0}};
  for (const auto& m : s.markets) ++trust[m.trust];
  for (const auto& [state, n] : trust) t.value("trust", state, n);
}

void machine(Text& t, const View& v) {
  t.family("voltage_part_beat_age_seconds", "gauge", "Since the part last beat.");
  for (const auto& p : v.parts) t.value("part", p.name, p.age.seconds());
  t.family("voltage_part_stuck", "gauge", "1 if the part has been silent for longer than it may.");
  for (const auto& p : v.parts) t.value("part", p.name, p.stuck() ? 1 : 0);
  t.family("voltage_part_restarts_total", "counter", "Times that the part was replaced by a fresh one.");
  for (const auto& p : v.parts) t.value("part", p.name, static_cast<double>(p.restarts));
  t.family("voltage_alert_firing", "gauge", "1 for each alert that fires.");
  for (const auto& a : v.alerts) {
    t.raw(
        fmt::format("voltage_alert_firing{{alert=\"{}\",about=\"{}\"}} 1\n", label_text(a.alert), label_text(a.about)));
  }
  t.count("voltage_alert_messages_total", "Messages that a webhook took.", v.alerts_sent);
  t.count("voltage_alert_message_failures_total", "Messages that no webhook took.", v.alert_failures);
  t.gauge("voltage_alert_self_test_age_seconds", "Since a test message last went through; -1: never.",
          v.since_self_test);
  t.count("voltage_deadman_pings_total", "Pings that the outside watcher took.", v.pings);
  t.count("voltage_deadman_ping_failures_total", "Pings that it did not take.", v.ping_failures);
  t.gauge("voltage_disk_free_bytes", "Where journals are kept; -1: none are.",
          static_cast<double>(v.machine.disk_free_bytes));
  t.gauge("process_resident_memory_bytes", "Resident memory.", static_cast<double>(v.machine.memory_bytes));
  t.gauge("process_open_fds", "Open descriptors.", static_cast<double>(v.machine.descriptors));
  t.gauge("process_threads", "Threads.", static_cast<double>(v.machine.threads));
}

}  // namespace

std::string metrics_text(const View& view) {
  Text t;
  run(t, *view.status);
  money(t, *view.status);
  machine(t, view);
  return t.take();
}

}  // namespace voltage::app::watch
