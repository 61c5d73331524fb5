#pragma once
// What PatchTST is told beside its window: features of longer windows, of the calendar and of the horizon,
// taken from the row that the schema describes. None of them goes missing with volume or order flow.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace voltage::forecast {

// In the network's order: first the ones of a moment, then the ones that depend on the horizon.
const std::vector<std::string>& patchtst_context_names();
std::size_t patchtst_moment_context();  // how many are a moment's

// row: the whole schema's, its horizon features filled in. Writes patchtst_context_names().size() values.
void patchtst_context(std::span<const float> row, std::span<float> out);

}  // namespace voltage::forecast
