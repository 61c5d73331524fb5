#include "app/live/config.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "app/evidence/collect.hpp"
#include "app/toml_file.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/calendar_file.hpp"
#include "venue/assumptions.hpp"

namespace voltage::app::live {
namespace {

// One table of the file. The first thing that is wrong is kept; what was never asked for is wrong too.
class Section {
 public:
  Section(const toml::table* table, std::string name, std::string& wrong)
      : table_{table}, name_{std::move(name)}, wrong_{wrong} {}

  void text(const char* key, std::string& into) {
    const auto* node = find(key);
    if (node == nullptr) return;
    if (const auto* value = node->as_string())
      into = value->get();
    else
      refuse(key, "is not a text in quotes");
  }
  void texts(const char* key, std::vector<std::string>& into) {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto* array = node->as_array();
    if (array == nullptr || array->empty()) return refuse(key, "is not a list of texts");
    into.clear();
    for (const auto& entry : *array) {
      if (const auto* value = entry.as_string())
        into.push_back(value->get());
      else
        return refuse(key, "holds something that is not a text");
    }
  }
  void flag(const char* key, bool& into) {
    const auto* node = find(key);
    if (node == nullptr) return;
    if (const auto* value = node->as_boolean())
      into = value->get();
    else
      refuse(key, "is neither true nor false");
  }
  void whole(const char* key, std::int64_t& into) {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto* value = node->as_integer();
    if (value != nullptr && value->get() >= 0)
      into = value->get();
    else
      refuse(key, "is not a whole number");
  }
  void number(const char* key, double& into, double low, double high) {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value<double>();
    if (value && *value >= low && *value <= high)
      into = *value;
    else
      refuse(key, fmt::format("is no number from {} to {}", low, high));
  }
  template <class T, class Parse>
  void decimal(const char* key, T& into, const char* what, Parse parse) {
    std::string given;
    text(key, given);
    if (given.empty()) return;
    if (const auto value = parse(given))
      into = *value;
    else
      refuse(key, fmt::format("'{}' is no {}", given, what));
  }
  void money(const char* key, Money& into) {
    decimal(key, into, "amount of dollars (\"50.00\")", [](const std::string& s) -> std::optional<Money> {
      const auto m = parse_money(s);
      return m && m->micros >= 0 ? m : std::nullopt;
    });
  }
  void price(const char* key, Price& into) {
    decimal(key, into, "price in dollars (\"0.05\")", [](const std::string& s) { return parse_price(s); });
  }
  void qty(const char* key, Qty& into) {
    decimal(key, into, "number of contracts (\"100\")", [](const std::string& s) -> std::optional<Qty> {
      const auto q = parse_qty(s);
      return q && q->centis >= 0 ? q : std::nullopt;
    });
  }
  void duration(const char* key, Duration& into) {
    decimal(key, into, "duration (\"90m\")", [](const std::string& s) { return parse_duration(s); });
  }
  void finish() {
    if (table_ == nullptr) return;
    for (const auto& [key, node] : *table_) {
      if (!asked_.contains(std::string{key.str()}))
        refuse(std::string{key.str()}.c_str(), "is not a key that this program knows");
    }
  }
  void refuse(const char* key, const std::string& why) {
    if (wrong_.empty()) wrong_ = fmt::format("{}{}{}: {}", name_, name_.empty() ? "" : ".", key, why);
  }
  const toml::table* child(const char* key) {
    const auto* node = find(key);
    if (node == nullptr) return nullptr;
    const auto* table = node->as_table();
    if (table == nullptr) refuse(key, "is not a table");
    return table;
  }

 private:
  const toml::node* find(const char* key) {
    asked_.insert(key);
    return table_ == nullptr ? nullptr : table_->get(key);
  }
  const toml::table* table_;
  std::string name_;
  std::string& wrong_;
  std::set<std::string> asked_;
};

void read_venues(Section& root, LiveConfig& c, std::string& wrong) {
  Section kalshi{root.child("kalshi"), "kalshi", wrong};
  kalshi.text("rest", c.endpoints.kalshi_rest);
  kalshi.text("ws", c.endpoints.kalshi_ws);
  kalshi.text("key_id", c.endpoints.kalshi_key_id);
  kalshi.text("key_file", c.endpoints.kalshi_key_file);
  kalshi.text("specs", c.endpoints.kalshi_specs);
  kalshi.texts("series", c.feeds.series);
  kalshi.text("order_prefix", c.prefix);
  // Without it the nowcast stands on Kraken's price and the basis, with the uncertainty of both.
  kalshi.flag("index", c.feeds.index);
  c.core.engine.needed[static_cast<std::size_t>(event::Stream::index)] = c.feeds.index;
  kalshi.finish();
  const bool plain =
      !c.prefix.empty() && c.prefix.size() <= 32 && std::all_of(c.prefix.begin(), c.prefix.end(), [](char ch) {
        return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_';
      });
  if (!plain) kalshi.refuse("order_prefix", "1 to 32 letters, digits and underscores are needed");
  Section kraken{root.child("kraken"), "kraken", wrong};
  kraken.text("rest", c.endpoints.kraken_rest);
  kraken.flag("v1", c.feeds.kraken_v1);
  kraken.text("ws", c.feeds.kraken_v1 ? c.endpoints.kraken_ws_v1 : c.endpoints.kraken_ws_v2);
  kraken.duration("history", c.feeds.history);
  kraken.finish();
}

void read_limits(Section& root, LiveConfig& c, std::string& wrong) {
  Section limits{root.child("limits"), "limits", wrong};
  auto& l = c.core.engine.limits;
  limits.money("contract_loss", l.contract_loss_max);
  limits.money("instant_loss", l.instant_loss_max);
  limits.money("path_loss", l.path_loss_max);
  limits.duration("path_span", l.path_span);
  if (l.path_span.ns <= 0) limits.refuse("path_span", "must be longer than nothing");
  limits.money("day_loss", l.day_loss_max);
  limits.money("drawdown", l.drawdown_max);
  limits.qty("order", l.order_qty_max);
  limits.qty("position", l.position_qty_max);
  limits.price("price_min", l.price_min);
  limits.price("price_max", l.price_max);
  limits.whole("orders_per_minute", l.orders_per_minute_max);
  limits.number("delta_1pct", l.delta_1pct_max, 0, 1e9);
  limits.number("vega_point", l.vega_point_max, 0, 1e9);
  limits.finish();
}

void read_strategy(Section& root, LiveConfig& c, std::string& wrong) {
  Section strategy{root.child("strategy"), "strategy", wrong};
  auto& s = c.core.strategy;
  strategy.number("edge_min", s.edge_min, 0, 1);
  strategy.number("kelly_fraction", s.kelly_fraction, 0, 1);
  strategy.number("disagreement_max", s.disagreement_max, 0, 10);
  strategy.number("flow_against_max", s.flow_against_max, 0, 1);
  strategy.flag("shrink_by_doubt", s.shrink_by_doubt);
  strategy.flag("makers", s.maker.on);
  double trust = s.belief.mean[1];
  strategy.number("trust", trust, 0, 1);
  s.belief.mean[1] = trust;
  s.belief.mean[2] = strategy::kMarketSlope - trust;
  strategy.finish();
}

}  // namespace

Status read_config(const std::string& path, LiveConfig& c) {
  const auto parsed = read_toml(path);
  if (!parsed) return tl::unexpected(parsed.error());
  std::string wrong;
  Section root{&*parsed, "", wrong};
  std::string venue_file;
  root.text("venue_file", venue_file);
  read_venues(root, c, wrong);
  root.text("ca_file", c.endpoints.ca_file);
  root.text("model", c.model);
  root.text("data", c.data);
  root.text("calendar", c.calendar);
  root.text("rung", c.rung);
  if (c.rung != "shadow" && c.rung != "canary" && c.rung != "scale")
    root.refuse("rung", "is neither shadow, canary nor scale");
  // The rest of [guard] is the guard's own, and refused there.
  if (const auto* table = root.child("guard")) {
    c.guarded = true;
    Section guard{table, "guard", wrong};
    guard.text("control", c.control);
    guard.flag("exclusive_account", c.exclusive_account);
  }
  Money cap{-1};
  root.money("cap", cap);
  if (cap.micros >= 0) c.cap = cap;
  root.money("unlisted_credit", c.unlisted_credit);
  Section paper{root.child("paper"), "paper", wrong};
  paper.money("cash", c.core.engine.cash);
  paper.finish();
  read_limits(root, c, wrong);
  read_strategy(root, c, wrong);
  root.finish();
  if (!wrong.empty()) return fail(path + ": " + wrong);
  const auto quiet = io::quiet_times(c.calendar);
  if (!quiet) return fail(quiet.error().message);
  c.core.engine.quiet = *quiet;
  if (venue_file.empty()) return {};
  return venue::read_endpoints(venue_file, c.endpoints);
}

std::string control_folder(const LiveConfig& c) {
  return c.control.empty() ? c.data + "/control" : c.control;
}

std::string groups_file(const LiveConfig& c) {
  return control_folder(c) + "/order_groups";
}

bool real_money(const LiveConfig& c) {
  return venue::environment_of(c.endpoints.kalshi_rest) == venue::Environment::production;
}

bool in_shadow(const LiveConfig& c) {
  return c.rung == "shadow";
}

Status stand_on_rung(LiveConfig& c) {
  auto& engine = c.core.engine;
  if (!real_money(c)) {
    engine.rung = in_shadow(c) ? risk::Rung::shadow : risk::Rung::demo;
    return {};
  }
  engine.rung = in_shadow(c) ? risk::Rung::shadow : c.rung == "scale" ? risk::Rung::scale : risk::Rung::canary;
  engine.evidence = evidence::collect(c.data).observations;
  if (engine.rung == risk::Rung::canary)
    engine.limits.order_qty_max = engine.limits.position_qty_max = min(engine.limits.order_qty_max, kContract);
  const risk::EvidenceBook book{engine.evidence};
  for (const auto& series : c.feeds.series) {
    if (book.allowed(series) >= engine.rung) return {};
  }
  return fail(
      fmt::format("no series has the evidence for the {} rung yet: voltage evidence --data {} says what is missing",
                  risk::name(engine.rung), c.data));
}

void apply_cap(LiveConfig& c) {
  if (c.cap) c.core.engine.limits.day_loss_max = min(c.core.engine.limits.day_loss_max, *c.cap);
}

}  // namespace voltage::app::live
