package posthorn.standin;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.AbstractUniqueIndex;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import java.util.AbstractMap.SimpleEntry;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map.Entry;
import org.h2.mvstore.MVMap;

/** The index on _id. It has no pages of its own: the documents are ordered by _id already. */
final class IdIndex extends AbstractUniqueIndex<Object> implements Scannable {
    private static final String ID = "_id";

    private final MVMap<Object, byte[]> data;

    IdIndex(String name, List<IndexKey> keys, MVMap<Object, byte[]> data) {
        super(name, keys, false);
        this.data = data;
    }

    @Override
    public synchronized boolean canHandle(Document query) {
        return Condition.on(ID, query).oneOf() != null;
    }

    @Override
    public synchronized Iterable<Object> getPositions(Document query) {
        return new LinkedHashSet<>(Condition.on(ID, query).oneOf());
    }

    @Override
    public Scan plan(Document query, Document orderBy) {
        Condition condition = Condition.on(ID, query);
        Object from = condition.from();
        Object to = condition.to();
        boolean ranged = from != null || to != null;
        boolean inOrder = Order.isBy(ID, orderBy);
        if (!ranged && !inOrder) {
            return null;
        }
        Iterable<Object> positions = Order.isDescending(orderBy)
            ? () -> data.cursor(to, from, true)
            : () -> data.cursor(from, to, false);
        return new Scan(0, ranged, inOrder, positions);
    }

    @Override
    public synchronized void checkAdd(Document document, MongoCollection<Object> collection) {
        Object id = idOf(document);
        if (data.containsKey(id)) {
            throw new DuplicateKeyError(this, collection, getKeys(), new KeyValue(id));
        }
    }

    @Override
    public synchronized void add(Document document, Object position, MongoCollection<Object> collection) {
        // adding the document did it
    }

    @Override
    public synchronized Object remove(Document document) {
        // removing the document does it
        return getPosition(document);
    }

    @Override
    public Object getPosition(Document document) {
        Object id = idOf(document);
        return data.containsKey(id) ? id : null;
    }

    @Override
    public synchronized void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {
        // the _id of a document never changes
    }

    @Override
    public void updateInPlace(Document before, Document after, Object position, MongoCollection<Object> collection) {
        // as for checkUpdate
    }

    private static Object idOf(Document document) {
        return Missing.ofNullable(document.get(ID));
    }

    @Override
    protected boolean putKeyPosition(KeyValue key, Object position) {
        return true;
    }

    /** Removing the document does it. */
    @Override
    protected Object removeDocument(KeyValue key) {
        return getPosition(key);
    }

    @Override
    protected Object getPosition(KeyValue key) {
        Object id = Missing.ofNullable(key.get(0));
        return data.containsKey(id) ? id : null;
    }

    @Override
    protected Iterable<Entry<KeyValue, Object>> getIterable() {
        return () -> data.keySet().stream().<Entry<KeyValue, Object>>map(id -> new SimpleEntry<>(new KeyValue(id), id)).iterator();
    }

    @Override
    public long getCount() {
        return data.sizeAsLong();
    }

    @Override
    public long getDataSize() {
        return getCount();
    }
}
