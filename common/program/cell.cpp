#include "program/cell.hpp"

#include "basics/error.hpp"

#include <array>
#include <charconv>
#include <system_error>

namespace moe {

CellContext::CellContext(std::uint64_t seed, std::string cell_name,
                         std::filesystem::path scratch_root, std::function<bool()> stop_requested)
    : seed_(seed)
    , cell_name_(std::move(cell_name))
    , cell_key_(moe::cell_key(cell_name_))
    , scratch_root_(std::move(scratch_root))
    , stop_requested_(std::move(stop_requested)) {}

CellContext::~CellContext() {
    if (scratch_.empty()) return;
    // What cannot be removed now is removed at the start of the next run.
    std::error_code ignored;
    std::filesystem::remove_all(scratch_, ignored);
}

RandomStream CellContext::stream(std::uint32_t stream) const noexcept {
    return {seed_, cell_key_, stream};
}

const std::filesystem::path& CellContext::scratch() const {
    if (!scratch_.empty()) return scratch_;
    // The key, not the name, which may hold characters that file names do not take.
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), cell_key_, 16);
    const std::filesystem::path folder = scratch_root_ / std::string(digits.data(), end.ptr);
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (!error) std::filesystem::create_directories(folder, error);
    if (error)
        throw EnvironmentError("cannot make the scratch folder '" + folder.string() +
                               "': " + error.message());
    scratch_ = folder;
    return scratch_;
}

bool CellContext::stop_requested() const {
    return stop_requested_ && stop_requested_();
}

void CellContext::leave_if_stopped() const {
    if (stop_requested()) throw Stopped();
}

} // namespace moe
