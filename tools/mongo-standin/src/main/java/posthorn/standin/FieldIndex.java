package posthorn.standin;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;

/**
 * An index that only makes queries faster. It lives in memory and is filled when the collection is opened, so it costs no
 * write. Entries are the values of its fields followed by the position, in ascending order.
 */
final class FieldIndex extends Index<Object> implements Scannable {
    private static final String ID = "_id";
    /** Sorts behind everything, to mark the end of a range. */
    private static final Object END = new Object();

    private final NavigableSet<List<Object>> entries = new ConcurrentSkipListSet<>(FieldIndex::compare);
    private boolean several;

    FieldIndex(String name, List<IndexKey> keys) {
        super(name, keys, false);
    }

    @Override
    public Scan plan(Document query, Document orderBy) {
        List<String> fields = keys();
        List<Object> pinned = new ArrayList<>();
        while (pinned.size() < fields.size()) {
            Object value = Condition.on(fields.get(pinned.size()), query).equal();
            if (value == null) {
                break;
            }
            pinned.add(value);
        }
        // what follows the fields in an entry is the position, which is the _id
        String next = pinned.size() == fields.size() ? ID : fields.get(pinned.size());
        Condition condition = Condition.on(next, query);
        boolean ranged = condition.from() != null || condition.to() != null;
        // several entries for one document would bring it more than once, in the order of its least value at best
        boolean inOrder = Order.isBy(next, orderBy) && !several;
        if (pinned.isEmpty() && !ranged && !inOrder) {
            return null;
        }
        NavigableSet<List<Object>> part = entries.subSet(
            with(pinned, condition.from()), true, with(with(pinned, condition.to()), END), true);
        NavigableSet<List<Object>> ordered = Order.isDescending(orderBy) ? part.descendingSet() : part;
        Stream<Object> positions = ordered.stream().map(entry -> entry.get(entry.size() - 1));
        return new Scan(pinned.size(), ranged, inOrder, (several ? positions.distinct() : positions)::iterator);
    }

    private static List<Object> with(List<Object> values, Object more) {
        List<Object> result = new ArrayList<>(values);
        if (more != null) {
            result.add(more);
        }
        return result;
    }

    /** A list sorts before every list that it begins. */
    private static int compare(List<Object> a, List<Object> b) {
        int common = Math.min(a.size(), b.size());
        for (int i = 0; i < common; i++) {
            Object left = a.get(i);
            Object right = b.get(i);
            int result = left == END ? (right == END ? 0 : 1) : right == END ? -1 : ValueType.INSTANCE.compare(left, right);
            if (result != 0) {
                return result;
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    @Override
    public synchronized void add(Document document, Object position, MongoCollection<Object> collection) {
        List<List<Object>> added = entriesOf(document, position);
        several |= added.size() > 1;
        entries.addAll(added);
    }

    @Override
    public synchronized Object remove(Document document) {
        Object position = getPosition(document);
        entries.removeAll(entriesOf(document, position));
        return position;
    }

    @Override
    public void updateInPlace(Document before, Document after, Object position, MongoCollection<Object> collection) {
        if (!nullAwareEqualsKeys(before, after)) {
            remove(before);
            add(after, position, collection);
        }
    }

    @Override
    public Object getPosition(Document document) {
        return Missing.ofNullable(document.get(ID));
    }

    private List<List<Object>> entriesOf(Document document, Object position) {
        List<List<Object>> result = new ArrayList<>();
        for (KeyValue key : getKeyValues(document)) {
            List<Object> entry = new ArrayList<>();
            for (Object value : key) {
                entry.add(Missing.ofNullable(value));
            }
            entry.add(position);
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
        return entries.isEmpty();
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
