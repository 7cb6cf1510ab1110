import json
import syntax
