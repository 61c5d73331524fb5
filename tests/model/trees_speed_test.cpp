// The same rows and parameters to LightGBM here and to Python's lightgbm: the model file opens there and says the same,
// and growing it takes no longer here. Times are compared in the full form only: a busy machine would decide otherwise.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "features/assemble.hpp"
#include "features/paths.hpp"
#include "io/candle_file.hpp"
#include "model/lightgbm.hpp"
#include "model/questions.hpp"
#include "model/scale_fit.hpp"
#include "support/full.hpp"
#include "support/temp_folder.hpp"

namespace voltage::model {
namespace {

// A Python that has lightgbm; the product needs none.
std::string python() {
  const char* named = std::getenv("VOLTAGE_LIGHTGBM_PYTHON");
  return named != nullptr ? named : "python3";
}

bool has_lightgbm() {
  return std::system((python() + " -c 'import lightgbm, numpy' >/dev/null 2>&1").c_str()) == 0;
}

template <class T>
void dump(const std::string& path, const std::vector<T>& values) {
  std::ofstream out{path, std::ios::binary};
  out.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
}

// Real candles where they are at hand and the full form is asked for; else a walk.
market::CandleSeries candles() {
  const char* data = std::getenv("VOLTAGE_TEST_DATA");
  if (tests::cases(0, 1) == 1 && data != nullptr) {
    std::vector<std::string> files;
    for (const char* year : {"2023", "2024"}) {
      files.push_back(fmt::format("{}/btc_1m/binance_btcusdt_1m_{}.csv.gz", data, year));
    }
    if (auto read = io::read_candles(files)) return std::move(read->fine);
  }
  return testing::walk(60 * 1440, 5, 5e-4, 4);
}

TreeRows rows_of(const market::CandleSeries& bars) {
  forecast::Bundle bundle;
  const TrainingPast past{std::move(*forecast::make_past(bars, {}, bundle.season)),
                          std::move(*forecast::make_past({}, features::coarsen(bars), bundle.season))};
  const SlotSpan span{features::kWeekMinutes, past.fine.history.size()};
  EXPECT_TRUE(fit_scales(past.fine, past.coarse, span, bundle).has_value());
  return draw_questions(bundle, past, span, {});
}

constexpr const char* kScript = R"(
import sys, time, warnings, numpy as np, lightgbm as lgb
warnings.filterwarnings('ignore')
at, columns, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
x = np.fromfile(at + '/x', np.float32).reshape(-1, columns)
y, w, s = np.fromfile(at + '/y', np.float32), np.fromfile(at + '/w', np.float32), np.fromfile(at + '/s', np.float64)
p = dict(q.split('=') for q in open(at + '/parameters').read().split())
p['monotone_constraints'] = [int(v) for v in p['monotone_constraints'].split(',')]
t = time.perf_counter()
lgb.train(p, lgb.Dataset(x, y, weight=w, init_score=s, params=p), rounds)
seconds = time.perf_counter() - t
raw = lgb.Booster(model_file=at + '/model').predict(x[:5000], raw_score=True)
ours = np.fromfile(at + '/raw', np.float64)[:len(raw)]
print(seconds, np.abs(raw - ours).max())
)";

TEST(TheSameTrees, open_in_python_and_grow_as_fast_here) {
  if (!has_lightgbm()) GTEST_SKIP() << "no lightgbm for " << python() << " (name one in VOLTAGE_LIGHTGBM_PYTHON)";
  const TreeRows rows = rows_of(candles());
  TreeOptions options;
  options.rounds = static_cast<int>(tests::cases(20, 200));
  const auto begin = std::chrono::steady_clock::now();
  const auto model = train_trees(rows, options, nullptr);
  const double here = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  ASSERT_TRUE(model.has_value()) << model.error().message;

  const testing::TempFolder folder;
  const auto trees = forecast::Trees::parse(*model);
  ASSERT_TRUE(trees.has_value());
  std::vector<double> raw;
  for (std::size_t i = 0; i < std::min<std::size_t>(5'000, rows.labels.size()); ++i) {
    raw.push_back(trees->raw(std::span{rows.values}.subspan(i * rows.names.size(), rows.names.size())));
  }
  dump(folder.path("x"), rows.values);
  dump(folder.path("y"), rows.labels);
  dump(folder.path("w"), rows.weights);
  dump(folder.path("s"), rows.start);
  dump(folder.path("raw"), raw);
  folder.write("parameters", lightgbm_parameters(rows, options));
  folder.write("model", *model);
  folder.write("grow.py", kScript);
  const auto command = fmt::format("{} {} {} {} {}", python(), folder.path("grow.py"), folder.path(""),
                                   rows.names.size(), options.rounds);
  FILE* pipe = popen(command.c_str(), "r");
  double there = 0, apart = 1;
  const int read = std::fscanf(pipe, "%lf %lf", &there, &apart);
  ASSERT_EQ(pclose(pipe), 0) << command;
  ASSERT_EQ(read, 2);
  fmt::print("{} rows, {} trees: {:.2f} s here, {:.2f} s in Python, ratio {:.3f}\n", rows.labels.size(), options.rounds,
             here, there, here / there);
  EXPECT_LT(apart, 1e-9) << "the model file says something else in Python";
  if (tests::cases(0, 1) == 1) {
    EXPECT_LT(here, 1.1 * there);
  }
}

}  // namespace
}  // namespace voltage::model
