// Reads a JSON list of Kubernetes objects, prints a JSON list of lists: what is wrong with each, by the types of the
// packages in package-lock.json. Usage: node schema.js NODE_MODULES < OBJECTS

const fs = require('fs');
const path = require('path');

const modules = process.argv[2];

function modelOf(object) {
  const parts = object.apiVersion.split('/');
  const group = parts.length === 1 ? '' : parts[0];
  const folder = {
    'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
    'cert-manager.io': '@kubernetes-models/cert-manager',
  }[group] ?? 'kubernetes-models';
  // The built-in groups drop the end of their names, but not all of them.
  for (const name of [group, group.replace(/\.k8s\.io$/, '')]) {
    const file = path.join(modules, folder, name, parts[parts.length - 1], `${object.kind}.js`);
    if (fs.existsSync(file)) return require(file)[object.kind];
  }
  return undefined;
}

// The object, and in `unread` the path of each key that nobody has asked for yet. A validator asks for the keys that
// the type has, so those that are left are unknown.
function watched(value, at, unread) {
  if (value === null || typeof value !== 'object') return value;
  const copy = Array.isArray(value) ? [] : {};
  for (const key of Object.keys(value)) {
    const inner = `${at}/${key}`;
    const child = watched(value[key], inner, unread);
    if (!Array.isArray(value)) unread.add(inner);
    Object.defineProperty(copy, key, {
      enumerable: true,
      get() {
        unread.delete(inner);
        return child;
      },
    });
  }
  return copy;
}

function problems(object) {
  const name = `${object.kind}/${object.metadata?.name}`;
  const model = modelOf(object);
  if (!model) return [`${name}: ${object.apiVersion} ${object.kind} is not known here`];
  const found = [];
  const check = (value) => {
    try {
      // Not of a model: that would copy the object, and ask for every key.
      model.prototype.validate.call(value);
    } catch (error) {
      for (const one of error.errors ?? [error]) {
        found.push(`${name}: ${one.instancePath ?? ''} ${one.message ?? one.keyword}`);
      }
    }
  };
  check(object);
  if (found.length > 0) return found;
  const unread = new Set();
  check(watched(object, '', unread));
  return [...unread].map((key) => `${name}: ${key} is not a known key`);
}

process.stdout.write(JSON.stringify(JSON.parse(fs.readFileSync(0, 'utf8')).map(problems)));
