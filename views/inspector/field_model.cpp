#include "views/inspector/field_model.h"

#include <algorithm>
#include <utility>

namespace lightcone::inspector {

using describe::Facet;
using describe::ShapeKind;
using describe::Value;

struct FieldModel::Part
{
    QString name;
    QString step;
    const Value* now = nullptr;
    const Value* before = nullptr;
    Facet facet = Facet::None;
    std::uint64_t firstNumber = 0;
    std::uint64_t hidden = 0;
};

namespace {

const Value* heldOf(const Value* value)
{
    return value != nullptr && value->exists() ? &value->held() : nullptr;
}

bool isScalar(ShapeKind kind)
{
    switch (kind) {
    case ShapeKind::List:
    case ShapeKind::Set:
    case ShapeKind::Map:
    case ShapeKind::Record:
    case ShapeKind::Variant:
    case ShapeKind::Optional:
        return false;
    default:
        return true;
    }
}

// A list or map of records reads better as a count with its entries below; one of scalars on one
// line.
bool standsOpen(const Value& value)
{
    if (value.kind() != ShapeKind::List && value.kind() != ShapeKind::Map) {
        return false;
    }
    const auto& of = value.shape()->of;
    return of != nullptr && !isScalar(of->kind);
}

bool same(const Value* one, const Value* other)
{
    const bool oneExists = one != nullptr && one->exists();
    const bool otherExists = other != nullptr && other->exists();
    return oneExists == otherExists && (!oneExists || *one == *other);
}

std::uint64_t firstNumberOf(const Value* record)
{
    const auto* start = record != nullptr ? record->findFacet(Facet::LogStart) : nullptr;
    return start != nullptr && start->isNumber() ? static_cast<std::uint64_t>(start->asReal()) : 1;
}

} // namespace

FieldModel::FieldModel(QObject* parent)
    : QAbstractItemModel(parent)
    , m_root(std::make_unique<Row>())
{
    m_root->made = true;
}

void FieldModel::show(Value now, Value before, describe::NodeNames names)
{
    const bool anotherShape = !m_now.exists() || !now.exists() || m_now.shape() != now.shape();
    m_names = std::move(names);
    if (anotherShape) {
        beginResetModel();
        m_now = std::move(now);
        m_before = std::move(before);
        m_root = std::make_unique<Row>();
        m_root->now = m_now.exists() ? &m_now : nullptr;
        m_root->before = m_before.exists() ? &m_before : nullptr;
        make(*m_root);
        endResetModel();
        return;
    }
    // The rows point into the values: both stay until every row points into the new ones.
    const Value oldNow = std::exchange(m_now, std::move(now));
    const Value oldBefore = std::exchange(m_before, std::move(before));
    m_root->now = &m_now;
    m_root->before = m_before.exists() ? &m_before : nullptr;
    update(*m_root);
}

bool FieldModel::opens(const Row& row)
{
    const auto* value = heldOf(row.now != nullptr ? row.now : row.before);
    return value != nullptr && row.hidden == 0 && !value->children().empty();
}

std::vector<FieldModel::Part> FieldModel::partsOf(const Row& row) const
{
    std::vector<Part> parts;
    const auto* now = heldOf(row.now);
    const auto* before = m_before.exists() ? heldOf(row.before) : nullptr;
    const auto* shaped = now != nullptr ? now : before;
    if (shaped == nullptr) {
        return parts;
    }
    static const Value::List nothing;
    const auto& nows = now != nullptr ? now->children() : nothing;
    const auto& befores = before != nullptr && before->shape()->kind == shaped->shape()->kind
        ? before->children()
        : nothing;
    const auto at = [](const Value::List& list, std::size_t i) {
        return i < list.size() ? &list[i] : nullptr;
    };
    if (shaped->kind() == ShapeKind::Record) {
        const auto& fields = shaped->shape()->fields;
        const auto first = firstNumberOf(now);
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const auto name = QString::fromStdString(fields[i].name);
            parts.push_back({name, name, at(nows, i), at(befores, i), fields[i].facet,
                             fields[i].facet == Facet::Log ? first : 0, 0});
        }
        return parts;
    }
    if (shaped->kind() == ShapeKind::Map) {
        for (std::size_t i = 0; i + 1 < nows.size(); i += 2) {
            const auto key = describe::toText(nows[i], m_names);
            parts.push_back({QString::fromStdString(key), QString::fromStdString(key), &nows[i + 1],
                             before != nullptr ? before->find(key) : nullptr});
        }
        return parts;
    }
    const auto count = nows.size();
    const auto first = count > static_cast<std::size_t>(row.shown) ? count - row.shown : 0;
    if (first > 0) {
        Part part;
        part.hidden = first;
        parts.push_back(part);
    }
    const bool isSet = shaped->kind() == ShapeKind::Set;
    for (auto i = first; i < count; ++i) {
        const auto* old = isSet ? &nows[i] : at(befores, i);
        if (isSet && before != nullptr && std::ranges::find(befores, nows[i]) == befores.end()) {
            old = nullptr;
        }
        parts.push_back({isSet ? QStringLiteral("·") : QString::number(i + row.firstNumber),
                         QString::number(i), &nows[i], old});
    }
    return parts;
}

void FieldModel::make(Row& row) const
{
    row.made = true;
    for (auto& part : partsOf(row)) {
        auto child = std::make_unique<Row>();
        child->parent = &row;
        child->place = static_cast<int>(row.children.size());
        child->name = part.name;
        child->step = part.step;
        child->now = part.now;
        child->before = part.before;
        child->facet = part.facet;
        child->firstNumber = part.firstNumber;
        child->hidden = part.hidden;
        child->changed = m_before.exists() && part.hidden == 0 && !same(part.now, part.before);
        row.children.push_back(std::move(child));
    }
}

void FieldModel::update(Row& row)
{
    if (!row.made) {
        return;
    }
    const auto parts = partsOf(row);
    const auto had = row.children.size();
    const auto parent = &row == m_root.get() ? QModelIndex() : indexOf(row);
    if (parts.size() < had) {
        beginRemoveRows(parent, static_cast<int>(parts.size()), static_cast<int>(had) - 1);
        row.children.resize(parts.size());
        endRemoveRows();
    }
    const auto common = row.children.size();
    for (std::size_t i = 0; i < common; ++i) {
        auto& child = *row.children[i];
        const auto& part = parts[i];
        child.name = part.name;
        child.step = part.step;
        child.now = part.now;
        child.before = part.before;
        child.firstNumber = part.firstNumber;
        child.hidden = part.hidden;
        child.changed = m_before.exists() && part.hidden == 0 && !same(part.now, part.before);
        update(child);
    }
    if (common > 0) {
        emit dataChanged(index(0, 0, parent),
                         index(static_cast<int>(common) - 1, ColumnCount - 1, parent));
    }
    if (parts.size() > common) {
        beginInsertRows(parent, static_cast<int>(common), static_cast<int>(parts.size()) - 1);
        for (auto i = common; i < parts.size(); ++i) {
            auto child = std::make_unique<Row>();
            child->parent = &row;
            child->place = static_cast<int>(i);
            child->name = parts[i].name;
            child->step = parts[i].step;
            child->now = parts[i].now;
            child->before = parts[i].before;
            child->facet = parts[i].facet;
            child->firstNumber = parts[i].firstNumber;
            child->hidden = parts[i].hidden;
            child->changed =
                m_before.exists() && parts[i].hidden == 0 && !same(parts[i].now, parts[i].before);
            row.children.push_back(std::move(child));
        }
        endInsertRows();
    }
}

void FieldModel::reveal(const QModelIndex& index)
{
    auto* row = rowOf(index);
    if (row == nullptr || row->hidden == 0) {
        return;
    }
    row->parent->shown += window;
    update(*row->parent);
}

FieldModel::Row* FieldModel::rowOf(const QModelIndex& index) const
{
    return index.isValid() ? static_cast<Row*>(index.internalPointer()) : m_root.get();
}

QModelIndex FieldModel::indexOf(const Row& row, int column) const
{
    return createIndex(row.place, column, const_cast<Row*>(&row));
}

QModelIndex FieldModel::index(int row, int column, const QModelIndex& parent) const
{
    auto* above = rowOf(parent);
    if (row < 0 || column < 0 || column >= ColumnCount
        || static_cast<std::size_t>(row) >= above->children.size()) {
        return {};
    }
    return createIndex(row, column, above->children[static_cast<std::size_t>(row)].get());
}

QModelIndex FieldModel::parent(const QModelIndex& child) const
{
    const auto* row = rowOf(child);
    if (row == nullptr || row->parent == nullptr || row->parent == m_root.get()) {
        return {};
    }
    return indexOf(*row->parent);
}

int FieldModel::rowCount(const QModelIndex& parent) const
{
    if (parent.column() > 0) {
        return 0;
    }
    auto* row = rowOf(parent);
    if (!row->made) {
        make(*row);
    }
    return static_cast<int>(row->children.size());
}

int FieldModel::columnCount(const QModelIndex& /*parent*/) const
{
    return ColumnCount;
}

bool FieldModel::hasChildren(const QModelIndex& parent) const
{
    if (parent.column() > 0) {
        return false;
    }
    const auto* row = rowOf(parent);
    return row->made ? !row->children.empty() : opens(*row);
}

QString FieldModel::text(const Value* value, const Row& row) const
{
    if (value == nullptr || !value->exists()) {
        return QStringLiteral("—");
    }
    const auto& held = value->held();
    if (value->isEmptyOptional()) {
        return QStringLiteral("—");
    }
    if (standsOpen(held)) {
        const auto count =
            held.kind() == ShapeKind::Map ? held.children().size() / 2 : held.children().size();
        return QStringLiteral("[%1]").arg(count);
    }
    const bool entry = row.parent != nullptr && row.parent->facet == Facet::Log;
    return QString::fromStdString(entry ? describe::brief(held, m_names)
                                        : describe::toText(held, m_names));
}

QVariant FieldModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) {
        return {};
    }
    const auto& row = *rowOf(index);
    switch (role) {
    case Qt::DisplayRole:
        if (row.hidden > 0) {
            return index.column() == Now
                ? QVariant(tr("%n more before", nullptr, static_cast<int>(row.hidden)))
                : QVariant(QStringLiteral("…"));
        }
        if (index.column() == Name) {
            return row.name;
        }
        if (index.column() == Now) {
            return text(row.now, row);
        }
        return row.changed ? QVariant(text(row.before, row)) : QVariant();
    case Qt::ToolTipRole: {
        const auto* value = index.column() == Before ? row.before : row.now;
        if (value == nullptr || !value->exists() || (index.column() == Before && !row.changed)) {
            return {};
        }
        auto whole = QString::fromStdString(describe::toText(*value, m_names));
        return whole.size() > 2000 ? QVariant(whole.left(2000) + QStringLiteral("…"))
                                   : QVariant(whole);
    }
    case ChangedRole:
        return row.changed;
    case HiddenRole:
        return static_cast<qulonglong>(row.hidden);
    case LogRole:
        return row.facet == Facet::Log;
    case PathRole: {
        QString path;
        for (const auto* each = &row; each != nullptr && each->parent != nullptr;
             each = each->parent) {
            path = path.isEmpty() ? each->step : each->step + QStringLiteral(".") + path;
        }
        return path;
    }
    default:
        return {};
    }
}

QVariant FieldModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Name:
        return tr("Field");
    case Now:
        return tr("Now");
    default:
        return tr("Before");
    }
}

} // namespace lightcone::inspector
