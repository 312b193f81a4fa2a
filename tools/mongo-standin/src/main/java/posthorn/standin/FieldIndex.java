package posthorn.standin;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * An index that only makes queries faster. It lives in memory and is filled when the collection is opened, so it costs no
 * write. Entries are the values of its fields followed by the position, in ascending order. The collection sees to it that
 * only one thread uses it at a time.
 */
final class FieldIndex extends Index<Object> implements Scannable {
    private static final String ID = "_id";

    private final String[] fields;
    /** Paths need the rules of the full query for what they lead to. */
    private final boolean paths;
    private final SortedEntries entries = new SortedEntries();
    private boolean several;

    FieldIndex(String name, List<IndexKey> keys) {
        super(name, keys, false);
        List<String> names = keys();
        // the position is the _id, so a field for it at the end would only repeat it
        boolean endsWithId = names.size() > 1 && names.get(names.size() - 1).equals(ID);
        fields = names.subList(0, endsWithId ? names.size() - 1 : names.size()).toArray(new String[0]);
        paths = Arrays.stream(fields).anyMatch(field -> field.contains("."));
    }

    @Override
    public Scan plan(Document query, Document orderBy) {
        List<Object> pinned = new ArrayList<>();
        while (pinned.size() < fields.length) {
            String field = fields[pinned.size()];
            Object value = Condition.on(field, query).equal();
            if (value == null && !Condition.isNull(field, query)) {
                break;
            }
            pinned.add(Missing.ofNullable(value));
        }
        // what follows the fields in an entry is the position, which is the _id
        String next = pinned.size() == fields.length ? ID : fields[pinned.size()];
        Condition condition = Condition.on(next, query);
        boolean ranged = condition.from() != null || condition.to() != null;
        // several entries for one document would bring it more than once, in the order of its least value at best
        boolean isLast = pinned.size() == fields.length - 1;
        boolean inOrder = !several && (Order.isBy(next, orderBy) || isLast && Order.isByThenId(next, orderBy));
        if (pinned.isEmpty() && !ranged && !inOrder) {
            return null;
        }
        Iterable<Object[]> part = entries.between(
            bound(pinned, condition.from()), bound(pinned, condition.to(), SortedEntries.END), Order.isDescending(orderBy));
        Stream<Object> positions =
            StreamSupport.stream(part.spliterator(), false).map(entry -> entry[entry.length - 1]);
        return new Scan(pinned.size(), ranged, inOrder, (several ? positions.distinct() : positions)::iterator);
    }

    private static Object[] bound(List<Object> values, Object... more) {
        List<Object> result = new ArrayList<>(values);
        for (Object value : more) {
            if (value != null) {
                result.add(value);
            }
        }
        return result.toArray();
    }

    @Override
    public void add(Document document, Object position, MongoCollection<Object> collection) {
        addAll(entriesOf(document, position));
    }

    @Override
    public Object remove(Document document) {
        Object position = getPosition(document);
        removeAll(entriesOf(document, position));
        return position;
    }

    @Override
    public void updateInPlace(Document before, Document after, Object position, MongoCollection<Object> collection) {
        List<Object[]> old = entriesOf(before, position);
        List<Object[]> current = entriesOf(after, position);
        if (old.size() == 1 && current.size() == 1 && SortedEntries.compare(old.get(0), current.get(0)) == 0) {
            return;
        }
        removeAll(old);
        addAll(current);
    }

    private void addAll(List<Object[]> added) {
        several |= added.size() > 1;
        added.forEach(entries::add);
    }

    private void removeAll(List<Object[]> removed) {
        removed.forEach(entries::remove);
    }

    @Override
    public Object getPosition(Document document) {
        return Missing.ofNullable(document.get(ID));
    }

    private List<Object[]> entriesOf(Document document, Object position) {
        if (paths) {
            return entriesByRule(document, position);
        }
        Object[] entry = new Object[fields.length + 1];
        for (int i = 0; i < fields.length; i++) {
            Object value = document.get(fields[i]);
            if (value instanceof Collection) {
                return entriesByRule(document, position);
            }
            entry[i] = SharedStrings.share(Missing.ofNullable(value));
        }
        entry[fields.length] = position;
        return List.<Object[]>of(entry);
    }

    /** With one entry for each element of an array. */
    private List<Object[]> entriesByRule(Document document, Object position) {
        List<Object[]> result = new ArrayList<>();
        for (KeyValue key : getKeyValues(document)) {
            Object[] entry = new Object[fields.length + 1];
            for (int i = 0; i < fields.length; i++) {
                entry[i] = Missing.ofNullable(key.get(i));
            }
            entry[fields.length] = position;
            result.add(entry);
        }
        return result;
    }

    /** Queries go through plan. */
    @Override
    public boolean canHandle(Document query) {
        return false;
    }

    @Override
    public Iterable<Object> getPositions(Document query) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkAdd(Document document, MongoCollection<Object> collection) {
        // everything may be added
    }

    @Override
    public void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {
        // everything may be changed
    }

    @Override
    public long getCount() {
        return entries.size();
    }

    @Override
    public boolean isEmpty() {
        return entries.size() == 0;
    }

    @Override
    public long getDataSize() {
        return getCount();
    }

    @Override
    public void drop() {
        entries.clear();
    }
}
