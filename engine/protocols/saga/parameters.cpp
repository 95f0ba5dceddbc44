#include "engine/protocols/saga/parameters.h"

#include "engine/protocols/saga/script.h"

#include <fmt/format.h>
#include <string_view>

namespace lightcone::protocols::saga {

std::string defaultScript()
{
    return "service flights seats=50 "
           "service hotels rooms=50 "
           "service cards balance=6000 "
           "service mail sent=0 "
           "saga trip(price=120) "
           "step seat on flights: take seats 1 undo add seats 1 "
           "step room on hotels: take rooms 1 undo add rooms 1 "
           "step pay on cards: take balance price pivot "
           "step ticket on mail: add sent 1 retriable";
}

Result<void> validate(const Parameters& parameters)
{
    using namespace std::chrono_literals;
    struct Time
    {
        std::string_view name;
        Duration value;
        Duration low;
    };
    for (const auto& time :
         {Time{"timeout", parameters.timeout, 1us}, Time{"backOff", parameters.backOff, 1us},
          Time{"mostBackOff", parameters.mostBackOff, parameters.backOff}}) {
        if (time.value < time.low || time.value > 24h) {
            return fail(fmt::format("{}: expected a duration from {} to a day, found {}", time.name,
                                    toText(time.low), toText(time.value)));
        }
    }
    if (parameters.retries > mostRetries) {
        return fail(fmt::format("retries: expected a number from 0 to {}, found {}", mostRetries,
                                parameters.retries));
    }
    if (parameters.versionFile && (parameters.commutative || parameters.reread)) {
        return fail("versionFile: a version file settles the order of updates by itself; expected "
                    "neither commutative nor reread beside it");
    }
    const auto script = parseScript(parameters.script);
    return script ? Result<void>{} : script.error();
}

} // namespace lightcone::protocols::saga
