// voltage decode: recorded frames as JSON lines that a person can check.
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/command.hpp"
#include "io/line_reader.hpp"
#include "venue/line_decoder.hpp"

namespace voltage::app {
namespace {

struct Options {
  std::string format;
  std::string file;
  bool use_yes_price{false};
};

Result<int> decode(const Options& options) {
  const auto format = options.format == "kalshi"   ? venue::LineFormat::kalshi
                      : options.format == "kraken" ? venue::LineFormat::kraken
                                                   : venue::LineFormat::tape;
  auto lines = io::LineReader::open(options.file);
  if (!lines) return fail(lines.error().message);
  venue::LineDecoder decoder{
      format, options.use_yes_price ? venue::kalshi::NoPrices::yes_axis : venue::kalshi::NoPrices::no_axis};
  std::int64_t decoded = 0, errors = 0, holes = 0;
  for (;;) {
    const auto line = lines->next();
    if (!line) return fail(line.error().message);
    if (!*line) break;
    if ((*line)->find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto out = decoder.decode(**line, lines->line_number());
    fmt::print("{}\n", out.json);
    ++decoded;
    errors += out.error ? 1 : 0;
    for (const auto& hole : out.holes) fmt::print(stderr, "{}: sequence hole: {}\n", lines->place(), hole);
    holes += static_cast<std::int64_t>(out.holes.size());
  }
  fmt::print(stderr, "{} lines, {} errors, {} sequence holes, {} unknown kinds, {} unknown fields\n", decoded, errors,
             holes, decoder.unknown_kinds(), decoder.unknown_fields());
  return errors == 0 ? 0 : 1;
}

}  // namespace

Command add_decode(CLI::App& root) {
  auto options = std::make_shared<Options>();
  auto* command = root.add_subcommand("decode", "Decode recorded frames of a venue to one JSON line each");
  command->add_option("format", options->format, "kalshi, kraken or tape")
      ->required()
      ->check(CLI::IsMember({"kalshi", "kraken", "tape"}));
  command->add_option("file", options->file, "one frame a line, or a recording; plain or gzip")->required();
  command->add_flag("--use-yes-price", options->use_yes_price,
                    "the NO side of Kalshi's book came with YES prices (the subscription's use_yes_price)");
  command->footer(
      "Each non-empty line gives one line: `kind`, `market`, `side` (bid or ask, in YES terms), `price`, `qty`.\n"
      "Sequence holes go to stderr. A line that can't be decoded gives {\"kind\":\"error\",\"line\":N,…} and exit "
      "1.\n\n"
      "Example: voltage decode kalshi frames.jsonl | jq -c 'select(.kind==\"trade\")'");
  return {command, [options] { return decode(*options); }};
}

}  // namespace voltage::app
