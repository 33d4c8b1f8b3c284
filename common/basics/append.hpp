#pragma once
// Lists put together from the parts of a program.

#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

namespace moe {

/// Moves the elements of `part` to the end of `all`.
template<class T>
void append(std::vector<T>& all, std::vector<std::type_identity_t<T>> part) {
    all.insert(all.end(), std::make_move_iterator(part.begin()),
               std::make_move_iterator(part.end()));
}

} // namespace moe
