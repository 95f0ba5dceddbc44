#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace lightcone {

/// One sentence for whoever made the mistake: what is wrong, where, and what was expected.
/// Line and column count from 1; 0 means that the place is not known.
struct Error
{
    std::string message;
    std::string file{};
    std::size_t line = 0;
    std::size_t column = 0;

    /// "lossy.scenario:3:9: expected a node's name, found '7'"
    [[nodiscard]] std::string text() const;
};

template <class T>
using Result = boost::system::result<T, Error>;

[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&)
{
    throw std::runtime_error(error.text());
}

inline Error fail(std::string message, std::size_t line = 0, std::size_t column = 0)
{
    return Error{std::move(message), {}, line, column};
}

} // namespace lightcone
