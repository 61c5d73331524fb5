#include "venue/virtual/faults.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "venue/net/http.hpp"
#include "venue/virtual/reshape.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

constexpr std::array<const char*, 20> kNames = {
    "cut_before", "cut_after", "delay",  "error_401",    "error_409",    "error_410", "error_429",
    "error_500",  "error_503", "drop",   "duplicate",    "reorder",      "hold",      "silence",
    "cut",        "rename",    "retype", "field_rename", "field_retype", "field_drop"};

bool is_of_fields(FaultKind kind) {
  return kind >= FaultKind::field_rename;
}

}  // namespace

const char* name(FaultKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

bool is_rest(FaultKind kind) {
  return kind <= FaultKind::error_503;
}

int status_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::error_401:
      return 401;
    case FaultKind::error_409:
      return 409;
    case FaultKind::error_410:
      return 410;
    case FaultKind::error_429:
      return 429;
    case FaultKind::error_503:
      return 503;
    default:
      return 500;
  }
}

Result<FaultScript> FaultScript::parse(std::string_view text) {
  FaultScript script;
  int number = 0;
  for (const auto line : net::split(text, '\n')) {
    ++number;
    const auto bad = [&](const std::string& why) { return fail(fmt::format("fault script line {}: {}", number, why)); };
    Counted counted;
    bool kind_read = false;
    for (const auto word : net::split(line.substr(0, line.find('#')), ' ')) {
      if (word.empty()) continue;
      if (!kind_read) {
        std::size_t i = 0;
        while (i < kNames.size() && word != kNames[i]) ++i;
        if (i == kNames.size()) return bad(fmt::format("'{}' is no kind of fault", word));
        counted.fault.kind = static_cast<FaultKind>(i);
        kind_read = true;
        continue;
      }
      const auto equals = word.find('=');
      const auto key = word.substr(0, equals);
      const auto value = equals == std::string_view::npos ? std::string_view{} : word.substr(equals + 1);
      const auto count = parse_int(value);
      if (key == "of") {
        counted.fault.of = value;
      } else if (key == "field") {
        counted.fault.field = value;
      } else if (key == "for") {
        const auto length = parse_duration(value);
        if (!length) return bad(fmt::format("'{}' is no duration", value));
        counted.fault.length = *length;
      } else if ((key == "every" || key == "after" || key == "times") && count && *count >= (key == "after" ? 0 : 1)) {
        (key == "every" ? counted.fault.every : key == "after" ? counted.fault.after : counted.fault.times) = *count;
      } else {
        return bad(fmt::format("'{}' is not every=N, after=N, times=N, of=TEXT, field=NAME or for=DURATION", word));
      }
    }
    if (!kind_read) continue;
    const bool changes_text = counted.fault.kind == FaultKind::rename || counted.fault.kind == FaultKind::retype;
    if (changes_text && counted.fault.of.empty()) return bad("rename and retype need of=TEXT");
    if (is_of_fields(counted.fault.kind) && counted.fault.field.empty()) return bad("field faults need field=NAME");
    script.faults_.push_back(counted);
  }
  return script;
}

std::optional<Fault> FaultScript::hit(bool rest, std::string_view text) {
  std::optional<Fault> found;
  for (auto& c : faults_) {
    if (is_of_fields(c.fault.kind) || is_rest(c.fault.kind) != rest) continue;
    if (!c.fault.of.empty() && text.find(c.fault.of) == std::string_view::npos) continue;
    if (c.fault.times >= 0 && c.done >= c.fault.times) continue;
    const std::int64_t past = ++c.seen - c.fault.after;
    if (past <= 0 || past % c.fault.every != 0 || found) continue;
    ++c.done;
    found = c.fault;
  }
  return found;
}

void FaultScript::reshape(std::string& text) {
  for (auto& c : faults_) {
    if (!is_of_fields(c.fault.kind)) continue;
    if (!c.fault.of.empty() && text.find(c.fault.of) == std::string::npos) continue;
    if (c.fault.times >= 0 && c.done >= c.fault.times) continue;
    constexpr std::array kHow{Reshaping::rename, Reshaping::retype, Reshaping::drop};
    const auto how = static_cast<std::size_t>(c.fault.kind) - static_cast<std::size_t>(FaultKind::field_rename);
    auto changed = reshaped(text, kHow[how], c.fault.field);
    if (!changed) continue;
    const std::int64_t past = ++c.seen - c.fault.after;
    if (past <= 0 || past % c.fault.every != 0) continue;
    ++c.done;
    text = std::move(*changed);
  }
}

std::optional<Fault> FaultScript::on_request(std::string_view line) {
  return hit(true, line);
}
std::optional<Fault> FaultScript::on_frame(std::string_view text) {
  return hit(false, text);
}

}  // namespace voltage::venue::virtual_kalshi
