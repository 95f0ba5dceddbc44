#include "engine/protocols/replication/replication.h"

#include <algorithm>

// Who may answer a read, and with what.
namespace lightcone::protocols::replication {

void Session::hear(const Request& request, const Reply& reply)
{
    const auto* sight = std::get_if<Sight>(&reply);
    if (sight == nullptr) {
        return;
    }
    if (sight->sessionLost) {
        *this = {}; // Told so, it begins anew: no node will ever have what it had seen.
    }
    const bool isRead =
        std::holds_alternative<kv::Get>(request) || std::holds_alternative<GetAfter>(request);
    auto& token = isRead ? seen : written;
    token = std::max(token, sight->token);
}

Request Session::ask(const Request& request) const
{
    const auto* get = std::get_if<kv::Get>(&request);
    const bool knows = written != Token{} || seen != Token{};
    return get != nullptr && knows ? Request(GetAfter{get->key, written, seen}) : request;
}

void Replication::read(const Moment& moment, RequestId id, const std::string& key,
                       const GetAfter* session, Out& out)
{
    const auto answers = isChain() ? back() : front();
    if (isMember(self()) && answers == self()) {
        if (serves(moment)) {
            answerRead(moment, id, key, session, out);
        } else {
            out.redirect(id, NodeId{});
        }
        return;
    }
    if (!isMember(self()) || parameters().reads == Reads::Single) {
        out.redirect(id, answers);
    } else if (isChain()) {
        readAtLink(moment, id, key, out);
    } else {
        readAtBackup(moment, id, key, session, out);
    }
}

void Replication::answerRead(const Moment& moment, RequestId id, const std::string& key,
                             const GetAfter* session, Out& out)
{
    auto result = m_store.get(key);
    if (parameters().reads == Reads::Single || isChain()) {
        out.reply(id, std::move(result));
        return;
    }
    Sight sight;
    sight.outcome = result.outcome;
    sight.value = std::move(result.value);
    sight.token = {epochAt(m_applied), m_applied};
    sight.behind = front() == self() ? Duration{} : Duration(moment.now - m_freshAsOf);
    sight.sessionLost = session != nullptr && !(holds(session->written) && holds(session->seen));
    if (sight.sessionLost) {
        out.note("c{}'s session had seen writes that are lost", id.client.value - firstClient);
    }
    out.reply(id, std::move(sight));
}

/// A backup knows how old its copy is at most: the primary sends back the newest time that this
/// node told it, along with what was done by then. So the bound does not rest on equal clocks.
void Replication::readAtBackup(const Moment& moment, RequestId id, const std::string& key,
                               const GetAfter* session, Out& out)
{
    const auto bound = parameters().maxStaleness;
    if (bound > Duration{} && moment.now - m_freshAsOf > bound) {
        out.note("is too far behind to answer: {}", toText(Duration(moment.now - m_freshAsOf)));
        out.redirect(id, front());
        return;
    }
    const auto guarantees = parameters().guarantees;
    const bool ownWrites =
        guarantees == Guarantees::ReadYourWrites || guarantees == Guarantees::Both;
    const bool monotonic =
        guarantees == Guarantees::MonotonicReads || guarantees == Guarantees::Both;
    const auto lacks = [&](const Token& token) {
        return token.index > m_applied || token.epoch > epochAt(token.index);
    };
    if (session != nullptr
        && ((ownWrites && lacks(session->written)) || (monotonic && lacks(session->seen)))) {
        out.redirect(id, front());
        return;
    }
    constexpr std::size_t mostPastReads = 64;
    if (m_pastReads.size() >= mostPastReads) {
        m_pastReads.erase(m_pastReads.begin());
    }
    const bool asked = session != nullptr;
    m_pastReads.push_back({id.client, key, m_applied, moment.now,
                           asked && ownWrites ? session->written : Token{},
                           asked && monotonic ? session->seen : Token{}});
    answerRead(moment, id, key, guarantees == Guarantees::None ? nullptr : session, out);
}

/// CRAQ §2.3: a link answers alone while the key's newest version is clean; else the tail says
/// which version is the newest that is done. Every write passes every link before it is done, so
/// that a clean key is up to date.
void Replication::readAtLink(const Moment& moment, RequestId id, const std::string& key, Out& out)
{
    if (!mayServe(moment)) {
        out.redirect(id, back());
    } else if (!isDirty(key)) {
        answerRead(moment, id, key, nullptr, out);
    } else {
        m_reads[id.client] = {id, key};
        out.send(back(), AskTail{m_epoch, id});
    }
}

bool Replication::isDirty(const std::string& key) const
{
    for (auto index = m_commit + 1; index <= last(); ++index) {
        const auto& written = std::visit(
            [](const auto& any) -> const std::string& { return any.key; }, entryAt(index)->command);
        if (written == key) {
            return true;
        }
    }
    return false;
}

void Replication::onMessage(const Moment& moment, NodeId from, const AskTail& ask, Out& out)
{
    if (ask.epoch == m_epoch && back() == self() && serves(moment)) {
        out.send(from, TailSays{m_epoch, ask.request, m_commit});
    }
}

void Replication::onMessage(const Moment& moment, NodeId, const TailSays& says, Out& out)
{
    const auto found = m_reads.find(says.request.client);
    if (says.epoch != m_epoch || found == m_reads.end() || found->second.request != says.request
        || says.commit > last()) {
        return;
    }
    const auto read = found->second;
    m_reads.erase(found);
    commitUpTo(moment, says.commit, out);
    if (isMember(self()) && mayServe(moment)) {
        answerRead(moment, read.request, read.key, nullptr, out);
    }
}

} // namespace lightcone::protocols::replication
