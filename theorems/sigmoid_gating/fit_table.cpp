#include "sigmoid_gating/fit_table.hpp"

#include "sigmoid_gating/fits.hpp"

#include "statistics/median_rate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace sigmoid_gating {

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::vector<double> without_missing(std::vector<double> values) {
    std::erase_if(values, [](double value) { return std::isnan(value); });
    return values;
}

} // namespace

double median_of_present(const std::vector<double>& values) {
    const std::vector<double> present = without_missing(values);
    return present.empty() ? missing : moe::median(present);
}

CellFits::CellFits(const moe::Table& fits, std::string_view cell)
    : table_(&fits) {
    for (std::size_t row = 0; row < fits.rows(); ++row) {
        if (fits.text(row, "cell") == cell) rows_[fits.integer(row, "n")].push_back(row);
    }
    for (auto& [n, rows] : rows_) {
        std::ranges::sort(rows, {},
                          [&](std::size_t row) { return fits.integer(row, "repetition"); });
    }
}

double CellFits::real(std::size_t row, std::string_view column) const {
    return table_->empty_at(row, column) ? missing : table_->real(row, column);
}

std::int64_t CellFits::count(const std::function<bool(std::size_t)>& holds) const {
    std::int64_t count = 0;
    for (const auto& [n, rows] : rows_)
        count += std::ranges::count_if(rows, holds);
    return count;
}

std::vector<std::int64_t> CellFits::sizes() const {
    std::vector<std::int64_t> sizes;
    for (const auto& [n, rows] : rows_)
        sizes.push_back(n);
    return sizes;
}

std::vector<double> CellFits::values(std::int64_t n, std::string_view column) const {
    std::vector<double> values;
    for (const std::size_t row : rows_.at(n))
        values.push_back(real(row, column));
    return values;
}

std::vector<double> CellFits::present(std::int64_t n, std::string_view column) const {
    return without_missing(values(n, column));
}

double CellFits::median(std::int64_t n, std::string_view column) const {
    return median_of_present(values(n, column));
}

double CellFits::mean_gain(std::int64_t n) const {
    const std::vector<double> gains = present(n, "gain");
    if (gains.empty()) return missing;
    return std::accumulate(gains.begin(), gains.end(), 0.0) / static_cast<double>(gains.size());
}

std::vector<std::string> CellFits::texts(std::int64_t n, std::string_view column) const {
    std::vector<std::string> texts;
    for (const std::size_t row : rows_.at(n))
        texts.push_back(table_->text(row, column));
    return texts;
}

double CellFits::pattern_fraction(std::int64_t n) const {
    const auto& rows = rows_.at(n);
    const auto hits = std::ranges::count_if(
        rows, [&](std::size_t row) { return table_->boolean(row, "expected_pattern"); });
    return static_cast<double>(hits) / static_cast<double>(rows.size());
}

double CellFits::fraction_of(std::int64_t n, std::string_view pattern) const {
    const auto& rows = rows_.at(n);
    const auto hits = std::ranges::count_if(
        rows, [&](std::size_t row) { return table_->text(row, "pattern") == pattern; });
    return static_cast<double>(hits) / static_cast<double>(rows.size());
}

std::int64_t CellFits::rows() const {
    return count([](std::size_t) { return true; });
}

std::int64_t CellFits::uncertified() const {
    return count([&](std::size_t row) { return !(real(row, "gain") >= least_gain); });
}

std::int64_t CellFits::retried() const {
    return count([&](std::size_t row) { return table_->integer(row, "rounds") > 1; });
}

std::int64_t CellFits::starts() const {
    std::int64_t starts = 0;
    for (const auto& [n, rows] : rows_) {
        for (const std::size_t row : rows)
            starts += table_->integer(row, "fits");
    }
    return starts;
}

} // namespace sigmoid_gating
