#pragma once
// Any contract at any moment: questions in, probabilities out. What `voltage fair` does, without its files.
#include <string>
#include <vector>

#include "app/forecasting.hpp"
#include "base/result.hpp"

namespace voltage::app {

struct Question {
  std::string id;
  std::int64_t line{};  // in its file
  Time at{};
  double spot{};  // the index then, USD
  Time close{};
  double low{}, high{};  // USD; −∞ and +∞ where open: P(low <= A < high)
};

// CSV `id,ts_ms,spot,close_ts_ms,low,high`, empty bounds open. An error names file and line.
Result<std::vector<Question>> read_questions(const std::string& path);

// One probability a question, in order. Questions of one (at, close) come from one law, so those that tile
// the line sum to one. Fails, naming the line, where no bar had closed by then.
Result<std::vector<double>> answer_questions(const Forecasting& forecasting, const std::vector<Question>& questions);

}  // namespace voltage::app
