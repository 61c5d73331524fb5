#include "app/guard/config.hpp"

#include <cmath>
#include <set>

#include "app/toml_file.hpp"
#include "base/time.hpp"

namespace voltage::app::guard {
namespace {

// Reads one table; the first thing wrong is kept with its place.
class Section {
 public:
  Section(const toml::table* table, const std::string& file, const std::string& name)
      : table_{table}, where_{file + ": " + name} {}

  void text(const char* key, std::string& into) {
    const auto* node = find(key);
    if (node == nullptr) return;
    if (const auto v = node->value_exact<std::string>())
      into = *v;
    else
      wrong(key, "must be a text");
  }
  void flag(const char* key, bool& into) {
    const auto* node = find(key);
    if (node == nullptr) return;
    if (const auto v = node->value_exact<bool>())
      into = *v;
    else
      wrong(key, "must be true or false");
  }
  // A number of `unit`s, at least `least`.
  void number(const char* key, std::int64_t unit, double least, std::int64_t& into) {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto v = node->is_number() ? node->value<double>() : std::nullopt;
    if (!v || !std::isfinite(*v) || *v < least || *v > 1e9)
      return wrong(key, "must be a number of at least " + std::to_string(least));
    into = std::llround(*v * static_cast<double>(unit));
  }
  void duration(const char* key, Duration least, Duration most, Duration& into) {
    std::string words;
    text(key, words);
    if (words.empty()) return;
    const auto d = parse_duration(words);
    if (!d || *d < least || *d > most)
      return wrong(key, "must be a duration from " + format_duration(least) + " to " + format_duration(most));
    into = *d;
  }
  // Every key must have been asked for.
  void no_others() {
    if (table_ == nullptr) return;
    for (const auto& [key, value] : *table_) {
      if (!known_.contains(std::string{key.str()})) wrong(std::string{key.str()}.c_str(), "is not known");
    }
  }
  const std::string& error() const { return error_; }

 private:
  const toml::node* find(const char* key) {
    known_.insert(key);
    return table_ == nullptr ? nullptr : table_->get(key);
  }
  void wrong(const char* key, const std::string& what) {
    if (error_.empty()) error_ = where_ + key + " " + what;
  }
  const toml::table* table_;
  std::string where_, error_;
  std::set<std::string> known_;
};

}  // namespace

Result<GuardConfig> read_config(const std::string& file) {
  const auto parsed = read_toml(file);
  if (!parsed) return tl::unexpected(parsed.error());
  const toml::table& root = *parsed;
  GuardConfig c;
  Section all{&root, file, ""}, kalshi{root["kalshi"].as_table(), file, "[kalshi] "},
      own{root["guard"].as_table(), file, "[guard] "};
  std::string venue_file, data{"voltage-data"}, prefix{"voltage"};
  all.text("venue_file", venue_file);
  all.text("ca_file", c.endpoints.ca_file);
  all.text("data", data);
  c.control = data + "/control";
  kalshi.text("rest", c.endpoints.kalshi_rest);
  kalshi.text("key_id", c.endpoints.kalshi_key_id);
  kalshi.text("key_file", c.endpoints.kalshi_key_file);
  kalshi.text("order_prefix", prefix);
  c.ownership.prefix = prefix + "-";
  own.text("control", c.control);
  own.flag("exclusive_account", c.ownership.exclusive_account);
  // Two silences and a sweep must fit into ten seconds.
  own.duration("stall", Duration{500'000'000}, Duration{5'000'000'000}, c.rules.stall_max);
  std::int64_t stalls = c.rules.stalls_an_hour;
  own.number("stalls_an_hour", 1, 0, stalls);
  c.rules.stalls_an_hour = static_cast<int>(stalls);
  own.number("loss_max_usd", 1'000'000, 0, c.rules.loss_max.micros);
  own.number("exposure_max_usd", 1'000'000, 0, c.rules.exposure_max.micros);
  own.number("order_contracts_max", 100, 0, c.rules.order_qty_max.centis);
  own.number("orders_max", 1, 0, c.rules.orders_max);
  own.no_others();
  for (const auto* section : {&all, &kalshi, &own}) {
    if (!section->error().empty()) return fail(section->error());
  }
  if (prefix.empty()) return fail(file + ": [kalshi] order_prefix is empty: nothing would be ours");
  if (venue_file.empty()) return c;
  if (const auto read = venue::read_endpoints(venue_file, c.endpoints); !read) return tl::unexpected(read.error());
  return c;
}

}  // namespace voltage::app::guard
