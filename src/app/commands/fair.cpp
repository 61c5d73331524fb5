// voltage fair: the probability of any range of the settlement value, at any moment.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/commands/commands.hpp"
#include "app/fair.hpp"
#include "app/terminal.hpp"
#include "io/atomic_file.hpp"

namespace voltage::app {
namespace {

struct Options {
  std::string model, questions, out;
  std::vector<std::string> candles;
  bool json{false};
};

Result<int> run(const Options& o) {
  const auto questions = read_questions(o.questions);
  if (!questions) return tl::unexpected(questions.error());
  ProgressBar bar{"fair"};
  bar.show("reading candles", 0);
  const auto forecasting = Forecasting::open(o.model, o.candles);
  if (!forecasting) return tl::unexpected(forecasting.error());
  if (!questions->empty()) {
    const auto warning = (*forecasting)->expiry_warning(questions->back().at);
    if (!warning.empty()) fmt::print(stderr, "warning: {}\n", warning);
  }
  bar.show("answering", 0.5);
  const auto answers = answer_questions(**forecasting, *questions);
  if (!answers) return fail(o.questions + ": " + answers.error().message);
  std::string text = "id,p\n";
  for (std::size_t i = 0; i < answers->size(); ++i)
    text += fmt::format("{},{:.9g}\n", (*questions)[i].id, (*answers)[i]);
  if (const auto ok = io::write_file(o.out, text); !ok) return tl::unexpected(ok.error());
  bar.clear();
  if (o.json)
    fmt::print("{{\"questions\":{}}}\n", questions->size());
  else
    fmt::print("{} questions answered in {}\n", questions->size(), o.out);
  return 0;
}

}  // namespace

Command add_fair(CLI::App& root) {
  auto o = std::make_shared<Options>();
  CLI::App* c = root.add_subcommand("fair", "the probability of any range of the settlement value, at any moment");
  c->add_option("--model", o->model, "model bundle")->required();
  c->add_option("--candles", o->candles, "candle files, 1-minute and 5-minute")->required()->check(CLI::ExistingFile);
  c->add_option("--questions", o->questions, "CSV: id,ts_ms,spot,close_ts_ms,low,high; an empty bound is open")
      ->required();
  c->add_option("--out", o->out, "CSV file to write: id,p")->required();
  c->add_flag("--json", o->json, "one JSON object on the last line");
  c->footer("Example:\n  voltage fair --model M --candles 5m.csv.gz --questions Q.csv --out F.csv");
  return {c, [o] { return run(*o); }};
}

}  // namespace voltage::app
