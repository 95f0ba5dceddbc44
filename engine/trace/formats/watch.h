#pragma once

#include <functional>

namespace lightcone::trace::formats {

/// How far long work has come, from 0 to 1; true from cancelled() asks it to stop.
struct Watch
{
    std::function<void(double)> report = [](double) {};
    std::function<bool()> cancelled = [] { return false; };
};

} // namespace lightcone::trace::formats
