#include "venue/schema_watch.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace voltage::venue {
namespace {

constexpr std::int64_t kKnown = 20;           // messages until a habit is one
constexpr std::int64_t kGone = 20;            // messages without it until it is gone
constexpr std::int64_t kGoneForGood = 2'000;  // what comes and goes: the index lacks its settlement minute for 840
constexpr std::int64_t kExpected = 1'000;
constexpr int kErrors = 2;
constexpr int kForgiven = 20;  // good messages of the kind after an error

}  // namespace

bool SchemaWatch::Habit::always() const {
  return total >= kKnown && present == total;
}

std::string SchemaWatch::without_places(std::string_view where) {
  std::string out;
  bool inside = false;
  for (const char c : where) {
    if (c == ']') inside = false;
    if (!inside) out += c;
    if (c == '[') inside = true;
  }
  return out;
}

void SchemaWatch::change(const std::string& what) {
  if (changed_.empty()) changed_ = what;
}

void SchemaWatch::begin(std::string_view kind) {
  kind_name_ = kind;
  auto found = kinds_.find(kind);
  if (found == kinds_.end()) found = kinds_.emplace(kind_name_, Kind{}).first;
  kind_ = &found->second;
  gone_.clear();
}

void SchemaWatch::end(const std::string& error) {
  if (!error.empty()) {
    auto& errors = errors_[kind_name_];
    errors.good_since = 0;
    if (++errors.count >= kErrors)
      change(error.starts_with(kind_name_) ? error : fmt::format("{}: {}", kind_name_, error));
  } else if (const auto found = errors_.find(kind_name_);
             found != errors_.end() && ++found->second.good_since >= kForgiven) {
    errors_.erase(found);
  }
  kind_ = nullptr;
}

void SchemaWatch::expect(std::string_view kind, std::string_view where, std::string_view key) {
  kinds_[std::string{kind}][{std::string{where}, std::string{key}}] = {kExpected, kExpected, 0, 0};
}

void SchemaWatch::may_lack(std::string_view kind, std::string_view where, std::string_view key) {
  kinds_[std::string{kind}][{std::string{where}, std::string{key}}].comes_and_goes = true;
}

void SchemaWatch::saw(std::uint64_t object, std::string_view where, std::string_view key, bool present) {
  if (kind_ == nullptr) return;
  Habit& h = (*kind_)[{without_places(where), std::string{key}}];
  if (h.last_object == object) return;
  h.last_object = object;
  if (!present && h.always()) {
    gone_.emplace_back(object, fmt::format("{}: {}.{}", kind_name_, without_places(where), key));
    if (++h.missing_in_a_row >= (h.comes_and_goes ? kGoneForGood : kGone))
      change(gone_.back().second + " does not come any more");
    return;
  }
  h.missing_in_a_row = 0;
  ++h.total;
  h.present += present ? 1 : 0;
}

void SchemaWatch::retyped(std::string_view where, std::string_view key) {
  if (kind_ != nullptr) change(fmt::format("{}: {}.{} has changed between text and number", kind_name_, where, key));
}

void SchemaWatch::close_object(std::uint64_t object, std::string_view where,
                               const std::vector<std::string_view>& unknown) {
  if (kind_ == nullptr || unknown.empty()) return;
  const auto gone = std::find_if(gone_.begin(), gone_.end(), [&](const auto& g) { return g.first == object; });
  for (const auto key : unknown) {
    const auto name = fmt::format("{}: {}.{}", kind_name_, without_places(where), key);
    if (gone == gone_.end())
      additions_.insert(name);
    else if (!additions_.contains(name))
      change(fmt::format("{} is gone, and {} is new", gone->second, key));
  }
}

void SchemaWatch::each(const std::function<void(const std::string&, std::int64_t, std::int64_t)>& f) const {
  for (const auto& [kind, habits] : kinds_) {
    for (const auto& [field, h] : habits)
      f(fmt::format("{}: {}.{}", kind, field.first, field.second), h.present, h.total);
  }
}

}  // namespace voltage::venue
