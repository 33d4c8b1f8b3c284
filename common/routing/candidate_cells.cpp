#include "routing/candidate_cells.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace moe {

namespace {

using Point = std::array<double, CandidateCells::largest_dimension>;

/// Candidates looked at together.
constexpr std::size_t group = 4;
/// Cells per prototype.
constexpr std::size_t cells_per_prototype = 4;
/// The longest list of a cell.
constexpr std::size_t longest_list = 32;
/// Candidates passed down per prototype, over all levels, before the cells are given up: uniform
/// prototypes take 28 to 483 (n = 1, L = 32 to n = 3, L = 65536).
constexpr std::size_t most_work = 1000;

} // namespace

/// Halves the box until the halves are cells, and passes the list of candidates down.
class CellWriter {
  public:
    CellWriter(std::size_t dimension, std::span<const double> prototypes);

    std::optional<CandidateCells> write();

  private:
    struct Box {
        Point middle{}; ///< from the whole box's lower corner
        Point half{};
        std::array<std::size_t, CandidateCells::largest_dimension> first{}; ///< cell
        std::array<std::size_t, CandidateCells::largest_dimension> cells{};
    };

    bool choose_box();
    void choose_counts();
    /// By how much q is at least nearer than p to the points of a box.
    [[nodiscard]] double lead(const Box& box, std::uint32_t q, std::uint32_t p) const;
    [[nodiscard]] double distance(const Box& box, std::uint32_t p) const;
    void strike_by_nearest(const Box& box, std::vector<std::uint32_t>& list);
    void strike_by_all(const Box& box, std::vector<std::uint32_t>& list);
    void descend(const Box& box, const std::vector<std::uint32_t>& list);
    void finish(const Box& box, std::vector<std::uint32_t> list);

    CandidateCells made_;
    std::size_t n_;
    std::vector<double> shifted_; ///< [L][n], from the box's lower corner
    Point sides_{};
    double margin_ = 0.0; ///< 1e-14 R^2
    std::size_t work_left_ = 0;
};

CellWriter::CellWriter(std::size_t dimension, std::span<const double> prototypes)
    : n_(dimension) {
    made_.dimension_ = dimension;
    made_.prototypes_.assign(prototypes.begin(), prototypes.end());
}

bool CellWriter::choose_box() {
    const std::vector<double>& prototypes = made_.prototypes_;
    Point low{};
    Point high{};
    double widest = 0.0;
    for (std::size_t i = 0; i < n_; ++i) {
        low[i] = high[i] = prototypes[i];
        for (std::size_t k = i; k < prototypes.size(); k += n_) {
            low[i] = std::min(low[i], prototypes[k]);
            high[i] = std::max(high[i], prototypes[k]);
        }
        widest = std::max(widest, high[i] - low[i]);
    }
    double square = 0.0;
    for (std::size_t i = 0; i < n_; ++i) {
        made_.low_[i] = low[i] - widest / 16.0;
        sides_[i] = high[i] - made_.low_[i] + widest / 16.0;
        square += sides_[i] * sides_[i];
    }
    margin_ = 1e-14 * square;
    return square > 1e-280 && square < 1e280;
}

void CellWriter::choose_counts() {
    const std::size_t wanted = cells_per_prototype * (made_.prototypes_.size() / n_);
    Point side = sides_;
    made_.counts_.fill(1.0);
    for (std::size_t cells = 1; cells < wanted; cells *= 2) {
        const auto widest = static_cast<std::size_t>(
            std::max_element(side.begin(), side.begin() + static_cast<std::ptrdiff_t>(n_)) -
            side.begin());
        side[widest] /= 2.0;
        made_.counts_[widest] *= 2.0;
    }
    for (std::size_t i = 0; i < n_; ++i)
        made_.inverse_[i] = made_.counts_[i] / sides_[i];
}

double CellWriter::lead(const Box& box, std::uint32_t q, std::uint32_t p) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < n_; ++i) {
        const double a = shifted_[p * n_ + i];
        const double b = shifted_[q * n_ + i];
        sum += (a - b) * ((a - box.middle[i]) + (b - box.middle[i])) -
               2.0 * box.half[i] * std::abs(a - b);
    }
    return sum;
}

double CellWriter::distance(const Box& box, std::uint32_t p) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < n_; ++i) {
        const double difference = shifted_[p * n_ + i] - box.middle[i];
        sum += difference * difference;
    }
    return sum;
}

void CellWriter::strike_by_nearest(const Box& box, std::vector<std::uint32_t>& list) {
    std::uint32_t nearest = list.front();
    double least = std::numeric_limits<double>::infinity();
    for (const std::uint32_t p : list) {
        const double here = distance(box, p);
        if (here < least) {
            least = here;
            nearest = p;
        }
    }
    std::erase_if(list, [&](std::uint32_t p) { return lead(box, nearest, p) > margin_; });
}

void CellWriter::strike_by_all(const Box& box, std::vector<std::uint32_t>& list) {
    const std::vector<std::uint32_t> rivals = list;
    std::erase_if(list, [&](std::uint32_t p) {
        return std::any_of(rivals.begin(), rivals.end(),
                           [&](std::uint32_t q) { return lead(box, q, p) > margin_; });
    });
}

void CellWriter::finish(const Box& box, std::vector<std::uint32_t> list) {
    if (list.size() > longest_list) return;
    strike_by_all(box, list);
    list.resize((list.size() + group - 1) / group * group, list.back());
    std::size_t cell = 0;
    for (std::size_t i = 0; i < n_; ++i)
        cell = cell * static_cast<std::size_t>(made_.counts_[i]) + box.first[i];
    made_.cells_[cell] = {static_cast<std::uint32_t>(made_.candidates_.size()),
                          static_cast<std::uint32_t>(list.size())};
    made_.candidates_.insert(made_.candidates_.end(), list.begin(), list.end());
}

void CellWriter::descend(const Box& box, const std::vector<std::uint32_t>& above) {
    if (work_left_ < above.size()) {
        work_left_ = 0;
        return;
    }
    work_left_ -= above.size();
    std::vector<std::uint32_t> list = above;
    strike_by_nearest(box, list);
    const auto axis = static_cast<std::size_t>(
        std::max_element(box.cells.begin(), box.cells.end()) - box.cells.begin());
    if (box.cells[axis] == 1) return finish(box, std::move(list));
    Box half = box;
    half.cells[axis] /= 2;
    const double side = sides_[axis] / made_.counts_[axis];
    const auto cells = static_cast<double>(half.cells[axis]);
    half.half[axis] = cells * side / 2.0 + 1e-14 * sides_[axis];
    for (int which = 0; which < 2; ++which) {
        half.middle[axis] = (static_cast<double>(half.first[axis]) + cells / 2.0) * side;
        descend(half, list);
        half.first[axis] += half.cells[axis];
    }
}

std::optional<CandidateCells> CellWriter::write() {
    if (!choose_box()) return std::nullopt;
    choose_counts();
    const std::size_t prototypes = made_.prototypes_.size() / n_;
    shifted_ = made_.prototypes_;
    for (std::size_t k = 0; k < shifted_.size(); ++k)
        shifted_[k] -= made_.low_[k % n_];
    Box whole;
    whole.cells.fill(1);
    std::size_t cells = 1;
    for (std::size_t i = 0; i < n_; ++i) {
        whole.middle[i] = whole.half[i] = sides_[i] / 2.0;
        whole.half[i] += 1e-14 * sides_[i];
        whole.cells[i] = static_cast<std::size_t>(made_.counts_[i]);
        cells *= whole.cells[i];
    }
    made_.cells_.resize(cells);
    std::vector<std::uint32_t> all(prototypes);
    for (std::size_t p = 0; p < prototypes; ++p)
        all[p] = static_cast<std::uint32_t>(p);
    work_left_ = most_work * prototypes;
    descend(whole, all);
    if (work_left_ == 0) return std::nullopt;
    return std::move(made_);
}

std::optional<CandidateCells> CandidateCells::make(std::size_t dimension,
                                                   std::span<const double> prototypes) {
    return CellWriter(dimension, prototypes).write();
}

template<std::size_t N>
void CandidateCells::find_in(const double* inputs, std::uint64_t* found, std::size_t count) const {
    for (std::size_t b = 0; b < count; ++b) {
        const double* const x = inputs + b * N;
        std::size_t index = 0;
        bool inside = true;
        for (std::size_t i = 0; i < N; ++i) {
            const double t = (x[i] - low_[i]) * inverse_[i];
            const bool here = t >= 0.0 && t < counts_[i];
            inside = inside && here;
            index = index * static_cast<std::size_t>(counts_[i]) +
                    static_cast<std::size_t>(here ? t : 0.0);
        }
        const Cell cell = inside ? cells_[index] : Cell{};
        std::uint64_t nearest = unknown;
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t k = cell.start; k < cell.start + cell.count; k += group) {
            for (std::size_t g = 0; g < group; ++g) {
                const std::uint32_t candidate = candidates_[k + g];
                double distance = 0.0;
                for (std::size_t i = 0; i < N; ++i) {
                    const double difference = x[i] - prototypes_[candidate * N + i];
                    distance += difference * difference;
                }
                nearest = distance < least ? candidate : nearest;
                least = distance < least ? distance : least;
            }
        }
        found[b] = nearest;
    }
}

void CandidateCells::find(const double* inputs, std::uint64_t* found, std::size_t count) const {
    if (dimension_ == 1) return find_in<1>(inputs, found, count);
    if (dimension_ == 2) return find_in<2>(inputs, found, count);
    find_in<3>(inputs, found, count);
}

} // namespace moe
