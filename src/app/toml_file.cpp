#include "app/toml_file.hpp"

#include <utility>

#include <fmt/format.h>

#include "io/atomic_file.hpp"

namespace voltage::app {

Result<toml::table> read_toml(const std::string& path) {
  const auto text = io::read_file(path);
  if (!text) return tl::unexpected(text.error());
  auto parsed = toml::parse(*text, path);
  if (parsed) return std::move(parsed).table();
  const auto& e = parsed.error();
  return fail(fmt::format("{}:{}: {}", path, e.source().begin.line, e.description()));
}

}  // namespace voltage::app
