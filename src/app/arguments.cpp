#include "app/arguments.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/time.hpp"

namespace voltage::app {
namespace {

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while (true) {
    const std::size_t end = list.find(',', at);
    out.push_back(list.substr(at, end - at));
    if (end == std::string::npos) return out;
    at = end + 1;
  }
}

}  // namespace

Result<Time> time_argument(const std::string& name, const std::string& text) {
  if (const auto t = parse_time(text)) return *t;
  return fail(fmt::format("{} \"{}\" is no time: write 2025-01-01T00:00:00Z or Unix milliseconds", name, text));
}

Result<Duration> duration_argument(const std::string& name, const std::string& text) {
  if (const auto d = parse_duration(text); d && d->ns > 0) return *d;
  return fail(fmt::format("{} \"{}\" is no duration: write 90s, 15m, 1h30m or 7d", name, text));
}

Result<std::vector<Duration>> durations_argument(const std::string& name, const std::string& list) {
  std::vector<Duration> out;
  for (const auto& part : parts_of(list)) {
    const auto d = duration_argument(name, part);
    if (!d) return fail(d.error().message);
    out.push_back(*d);
  }
  return out;
}

Result<std::vector<double>> numbers_argument(const std::string& name, const std::string& list) {
  std::vector<double> out;
  for (const auto& part : parts_of(list)) {
    const auto v = parse_double(part);
    if (!v) return fail(fmt::format("{} \"{}\" is no number", name, part));
    out.push_back(*v);
  }
  return out;
}

std::string time_problem(const std::string& text) {
  const auto t = time_argument("", text);
  return t ? std::string{} : t.error().message;
}

std::string duration_problem(const std::string& text) {
  const auto d = duration_argument("", text);
  return d ? std::string{} : d.error().message;
}

std::string durations_problem(const std::string& list) {
  const auto d = durations_argument("", list);
  return d ? std::string{} : d.error().message;
}

std::string numbers_problem(const std::string& list) {
  const auto n = numbers_argument("", list);
  return n ? std::string{} : n.error().message;
}

std::string folder_problem(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return {};
  return fmt::format("'{}' is no folder; name the one that a run was given as --data, or leave it out", path);
}

}  // namespace voltage::app
