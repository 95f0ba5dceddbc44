#include "engine/describe/facet.h"

namespace lightcone::describe {

std::string_view toText(Facet facet)
{
    switch (facet) {
    case Facet::None:
        return "none";
    case Facet::Role:
        return "role";
    case Facet::Epoch:
        return "epoch";
    case Facet::Peer:
        return "peer";
    case Facet::Votes:
        return "votes";
    case Facet::Quorum:
        return "quorum";
    case Facet::Log:
        return "log";
    case Facet::LogStart:
        return "logStart";
    case Facet::Committed:
        return "committed";
    case Facet::Applied:
        return "applied";
    case Facet::Level:
        return "level";
    case Facet::Badge:
        return "badge";
    case Facet::Progress:
        return "progress";
    case Facet::WaitingFor:
        return "waitingFor";
    case Facet::Key:
        return "key";
    case Facet::Content:
        return "content";
    case Facet::Detail:
        return "detail";
    case Facet::KeySpace:
        return "keySpace";
    case Facet::Share:
        return "share";
    case Facet::Store:
        return "store";
    case Facet::Order:
        return "order";
    }
    return "none";
}

std::string_view toText(Tone tone)
{
    switch (tone) {
    case Tone::Neutral:
        return "neutral";
    case Tone::Calm:
        return "calm";
    case Tone::Strong:
        return "strong";
    case Tone::Busy:
        return "busy";
    case Tone::Good:
        return "good";
    case Tone::Bad:
        return "bad";
    }
    return "neutral";
}

} // namespace lightcone::describe
