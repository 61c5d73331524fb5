#pragma once
// What several commands take from the command line: times, durations, lists.
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/types.hpp"

namespace voltage::app {

// `name` is the option, for the message.
Result<Time> time_argument(const std::string& name, const std::string& text);
Result<Duration> duration_argument(const std::string& name, const std::string& text);  // > 0
Result<std::vector<Duration>> durations_argument(const std::string& name, const std::string& list);
Result<std::vector<double>> numbers_argument(const std::string& name, const std::string& list);

// The same as checks of the parser, so that a bad one is bad usage: empty, or what is wrong.
std::string time_problem(const std::string& text);
std::string duration_problem(const std::string& text);
std::string durations_problem(const std::string& list);
std::string numbers_problem(const std::string& list);
// Of a folder that is to be read: a mistyped one must not look like an empty one.
std::string folder_problem(const std::string& path);

}  // namespace voltage::app
