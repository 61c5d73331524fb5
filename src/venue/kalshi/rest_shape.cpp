#include "venue/kalshi/rest_shape.hpp"

#include <optional>
#include <span>

#include <fmt/format.h>

#include "venue/kalshi/order_wire.hpp"

namespace voltage::venue::kalshi {
namespace {

struct Known {
  const char* field;
  JsonType type;
  const char* or_field{nullptr};  // says the same
  bool may_lack{false};           // the document calls it optional
};
using enum JsonType;

constexpr Known kPlaced[] = {{"order_id", string}, {"fill_count", string}, {"remaining_count", string}};
constexpr Known kCancelled[] = {{"order_id", string}, {"reduced_by", string}};
constexpr Known kAmended[] = {{"order_id", string}, {"remaining_count", string, nullptr, true}};
constexpr Known kDecreased[] = {{"order_id", string}, {"remaining_count", string}};
constexpr Known kOrder[] = {{"order_id", string},
                            {"client_order_id", string},
                            {"ticker", string},
                            {"status", string},
                            {"book_side", string, "outcome_side"},
                            {"yes_price_dollars", string},
                            {"initial_count_fp", string},
                            {"fill_count_fp", string},
                            {"remaining_count_fp", string}};
constexpr Known kFill[] = {
    {"trade_id", string},          {"order_id", string}, {"ticker", string},   {"book_side", string, "outcome_side"},
    {"yes_price_dollars", string}, {"count_fp", string}, {"fee_cost", string}, {"is_taker", boolean}};
constexpr Known kPosition[] = {{"ticker", string}, {"position_fp", string}};
constexpr Known kCash[] = {{"exchange_index", number}, {"balance", string}};
constexpr Known kReserved[] = {{"balance", string}};
constexpr Known kBucket[] = {{"refill_rate", number}, {"bucket_capacity", number}};
constexpr Known kFees[] = {{"fee_type", string}, {"fee_multiplier", number}};
constexpr Known kGroup[] = {{"order_group_id", string}};
constexpr Known kPage[] = {{"cursor", string}};

// One call: what its body holds itself, and what an object in it, or each object of a list in it, holds.
struct Answer {
  const char* name;
  const char* method;
  std::string_view path;
  const char* tail;  // what follows an id or a series after the path; nullptr: the path ends
  std::span<const Known> body{};
  const char* inside{nullptr};
  std::span<const Known> each{};
  const char* inside_too{nullptr};  // another object of the same shape
  bool may_lack{false};             // the object inside need not be there
};
// Longer paths first.
constexpr Answer kAnswers[] = {
    {"POST orders", "POST", kBatched, nullptr, {}, "orders", kPlaced},
    {"DELETE orders", "DELETE", kBatched, nullptr, {}, "orders", kCancelled},
    {"POST order", "POST", kOrders, nullptr, kPlaced},
    {"DELETE order", "DELETE", "/portfolio/events/orders/", "", kCancelled},
    {"POST amend", "POST", "/portfolio/events/orders/", "/amend", kAmended},
    {"POST decrease", "POST", "/portfolio/events/orders/", "/decrease", kDecreased},
    {"GET order", "GET", "/portfolio/orders/", "", {}, "order", kOrder},
    {"GET orders", "GET", "/portfolio/orders", nullptr, kPage, "orders", kOrder},
    {"GET fills", "GET", "/portfolio/fills", nullptr, kPage, "fills", kFill},
    {"GET positions", "GET", "/portfolio/positions", nullptr, {}, "market_positions", kPosition},
    {"GET balance", "GET", "/portfolio/balance", nullptr, {}, "balance_breakdown", kCash},
    {"GET reserved",
     "GET",
     "/portfolio/summary/total_resting_order_value",
     nullptr,
     {},
     "resting_order_value_breakdown",
     kReserved,
     nullptr,
     true},
    {"GET limits", "GET", "/account/limits", nullptr, {}, "read", kBucket, "write"},
    {"GET series", "GET", "/series/", "", {}, "series", kFees},
    {"POST order group", "POST", "/portfolio/order_groups/create", nullptr, kGroup},
};

bool at(const Answer& a, std::string_view path) {
  if (a.tail == nullptr) return path == a.path;
  const std::string_view tail{a.tail};
  return path.starts_with(a.path) && path.ends_with(tail) && path.size() > a.path.size() + tail.size();
}

const Answer* known(std::string_view method, std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  for (const auto& a : kAnswers) {
    if (method == a.method && at(a, path)) return &a;
  }
  return nullptr;
}

std::optional<JsonValue> child(JsonValue object, std::string_view key) {
  for (const JsonValue value : object) {
    if (value.key() == key) return value;
  }
  return std::nullopt;
}

std::string wrong(JsonValue object, std::span<const Known> fields) {
  if (!object.is(JsonType::object)) return "an entry is no object";
  for (const auto& known : fields) {
    auto value = child(object, known.field);
    if (!value && known.or_field != nullptr) value = child(object, known.or_field);
    if (!value && known.may_lack) continue;
    if (!value) return fmt::format("{} is missing", known.field);
    if (!value->is(known.type))
      return fmt::format("{} is {} and was {}", known.field, name(value->type()), name(known.type));
  }
  return {};
}

std::string wrong_inside(JsonValue root, const char* key, const Answer& a) {
  const auto inside = child(root, key);
  if (!inside) return a.may_lack ? std::string{} : fmt::format("{} is missing", key);
  if (inside->is(object)) return wrong(*inside, a.each);
  if (!inside->is(array)) return fmt::format("{} is {}", key, name(inside->type()));
  for (const JsonValue entry : *inside) {
    if (entry.is(object) && child(entry, "error")) continue;  // of a batch: this one was refused
    if (auto what = wrong(entry, a.each); !what.empty()) return what;
  }
  return {};
}

}  // namespace

std::vector<RestField> rest_fields() {
  std::vector<RestField> out;
  for (const auto& a : kAnswers) {
    const auto add = [&](const char* inside, std::span<const Known> fields) {
      for (const auto& f : fields) out.push_back({a.method, a.path, a.tail, inside, f.field, f.type, f.or_field});
    };
    add(nullptr, a.body);
    if (a.inside != nullptr) add(a.inside, a.each);
    if (a.inside_too != nullptr) add(a.inside_too, a.each);
  }
  return out;
}

std::string shape_change(std::string_view method, std::string_view target, int status, std::string_view body) {
  const Answer* a = known(method, target);
  if (a == nullptr || status < 200 || status >= 300) return {};
  JsonDocument document;
  const auto root = document.parse(body);
  std::string what;
  if (!root)
    what = "is no JSON";
  else
    what = wrong(*root, a->body);
  for (const char* key : {a->inside, a->inside_too}) {
    if (what.empty() && key != nullptr) what = wrong_inside(*root, key, *a);
  }
  return what.empty() ? what : fmt::format("{}: {}", a->name, what);
}

}  // namespace voltage::venue::kalshi
