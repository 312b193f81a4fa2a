package posthorn.standin;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.AbstractSynchronizedMongoCollection;
import de.bwaldvogel.mongo.backend.ArrayFilters;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DocumentWithPosition;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.oplog.Oplog;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.h2.mvstore.MVMap;

/** One collection: documents as bytes, ordered by _id. The position of a document is its _id. */
final class FileCollection extends AbstractSynchronizedMongoCollection<Object> {
    private static final String ID = "_id";

    private final MVMap<Object, byte[]> data;
    private final JournaledMap<byte[]> changes;
    /** The bytes of the document that is being added, or null. */
    private byte[] asReceived;

    FileCollection(
        MongoDatabase database, String name, CollectionOptions options, JournaledMap<byte[]> changes, CursorRegistry cursors) {
        super(database, name, options, cursors);
        this.data = changes.map();
        this.changes = changes;
    }

    /**
     * Picks the index that leaves the fewest documents to look at; the query is applied to each of them in any case. Writing
     * takes the same monitor, and what is found is collected before this returns, so that indexes are used by one thread at a time.
     */
    @Override
    protected synchronized QueryResult queryDocuments(
        Document query, Document orderBy, int skip, int limit, int batchSize, Document fields) {
        for (Index<Object> index : getIndexes()) {
            if (index.isUnique() && index.canHandle(query)) {
                return answer(index.getPositions(query), query, orderBy, skip, limit, batchSize, fields);
            }
        }
        Scan best = null;
        for (Index<Object> index : getIndexes()) {
            if (index instanceof Scannable) {
                Scan scan = ((Scannable) index).plan(query, orderBy);
                if (scan != null && scan.isBetterThan(best)) {
                    best = scan;
                }
            }
        }
        if (best == null) {
            return matchDocuments(query, orderBy, skip, limit, batchSize, fields);
        }
        // a scan in the order that is asked for ends as soon as the limit is reached
        return answer(best.positions(), query, best.isInOrder() ? null : orderBy, skip, limit, batchSize, fields);
    }

    private QueryResult answer(
        Iterable<Object> positions, Document query, Document orderBy, int skip, int limit, int batchSize, Document fields) {
        Stream<Document> documents = StreamSupport.stream(positions.spliterator(), false)
            .map(this::getDocument)
            .filter(Objects::nonNull);
        return matchDocumentsFromStream(documents, query, orderBy, skip, limit, batchSize, fields);
    }

    @Override
    protected QueryResult matchDocuments(
        Document query, Document orderBy, int skip, int limit, int batchSize, Document fields) {
        boolean backwards = isNaturalDescending(orderBy);
        Iterable<Object> positions = () -> backwards ? data.keyIteratorReverse(null) : data.keyIterator(null);
        return answer(positions, query, orderBy, skip, limit, batchSize, fields);
    }

    @Override
    public synchronized void addIndex(Index<Object> index) {
        super.addIndex(index);
    }

    @Override
    public synchronized void dropIndex(String name) {
        super.dropIndex(name);
    }

    /**
     * An update of documents by their {@code _id}s is one update for each: matching a document against a long list of them costs
     * more than everything else.
     */
    @Override
    public synchronized Document updateDocuments(
        Document selector, Document update, ArrayFilters arrayFilters, boolean multi, boolean upsert, Oplog oplog) {
        Condition condition = Condition.on(ID, selector);
        Collection<?> ids = upsert || !condition.isSingle() ? null : condition.oneOf();
        PlainSet plain = PlainSet.of(update);
        if (ids == null || plain == null && ids.size() == 1) {
            return super.updateDocuments(selector, update, arrayFilters, multi, upsert, oplog);
        }
        Document others = selector.clone();
        others.remove(ID);
        int matched = 0;
        int modified = 0;
        for (Object id : new LinkedHashSet<>(ids)) {
            Document document = getDocument(id);
            if (document == null || !documentMatchesQuery(document, others)) {
                continue;
            }
            matched++;
            if (plain == null) {
                Document single = new Document(others).append(ID, id);
                modified += (Integer) super.updateDocuments(single, update, arrayFilters, multi, false, oplog).get("nModified");
            } else if (plain.changes(document)) {
                replace(id, document, plain.applyTo(document));
                modified++;
            }
            if (!multi) {
                break;
            }
        }
        return new Document("n", matched).append("nModified", modified);
    }

    private void replace(Object id, Document before, Document after) {
        for (Index<Object> index : getIndexes()) {
            index.checkUpdate(before, after, this);
        }
        for (Index<Object> index : getIndexes()) {
            index.updateInPlace(before, after, id, this);
        }
        handleUpdate(id, before, after);
    }

    @Override
    public synchronized void addDocument(Document document) {
        byte[] received = Received.take(document);
        // whoever brings none gets one, and is not stored as it came
        asReceived = document.containsKey(ID) ? received : null;
        super.addDocument(document);
    }

    @Override
    protected Object addDocumentInternal(Document document) {
        Object key = getIdField() == null
            ? UUID.randomUUID()
            : Missing.ofNullable(Utils.getSubdocumentValue(document, getIdField()));
        changes.put(key, asReceived != null ? asReceived : Bson.encode(document));
        return key;
    }

    @Override
    protected void handleUpdate(Object position, Document oldDocument, Document newDocument) {
        changes.put(Missing.ofNullable(position), Bson.encode(newDocument));
    }

    @Override
    protected void removeDocument(Object position) {
        if (changes.remove(Missing.ofNullable(position)) == null) {
            throw new NoSuchElementException("no document with key " + position);
        }
    }

    @Override
    protected Document getDocument(Object position) {
        byte[] bytes = data.get(Missing.ofNullable(position));
        return bytes == null ? null : Bson.decode(bytes);
    }

    @Override
    protected Stream<DocumentWithPosition<Object>> streamAllDocumentsWithPosition() {
        return data.entrySet().stream()
            .map(entry -> new DocumentWithPosition<>(Bson.decode(entry.getValue()), entry.getKey()));
    }

    @Override
    public int count() {
        return data.size();
    }

    @Override
    public boolean isEmpty() {
        return data.isEmpty();
    }

    /** Sizes are not kept: they would cost one more page for every write. */
    @Override
    protected boolean tracksDataSize() {
        return false;
    }

    @Override
    protected void updateDataSize(int delta) {
        // see tracksDataSize
    }

    @Override
    protected int getDataSize() {
        return 0;
    }
}
